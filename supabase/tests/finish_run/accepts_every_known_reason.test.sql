begin;
select plan(5);

select tests.setup(5);
select tests.start_run(reason)
from unnest('{drained,wall_clock,cpu,shutdown,error}'::text[]) as reason;
select lives_ok(format('select jobforge_finish_run(tests.run_id(%L), %1$L)', reason), reason)
from unnest('{drained,wall_clock,cpu,shutdown,error}'::text[]) as reason;

select * from finish();
rollback;
