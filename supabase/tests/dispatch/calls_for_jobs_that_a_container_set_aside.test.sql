begin;
select plan(4);

select tests.unused_project();
select tests.setup();
select tests.start_run('function', 10, '[{"type": "near", "runs_on": "edge"}]');
select jobforge_finish_run(tests.run_id('function'), 'drained');
select tests.start_run('machine', 5, '[{"type": "light"}]', 'container');
select tests.fill('acme', 3, '{"type": "near"}');
select tests.fill('globex', 1, '{"type": "unheard.of"}');
select is_empty($$ select tests.claim(5, 'machine') $$, 'the container takes none of them');
select is(jobforge_dispatch(), 1, 'a worker is called for those that an edge worker took before');
select jobforge_start_run(run_id, ticket, p_types => '[{"type": "near", "runs_on": "edge"}]')
from tests.ticket();
select is(json_array_length(jobforge_claim_jobs((select max(id) from jobforge.runs), 10)), 3,
  'it claims them');
update jobforge.runs set state = 'finished' where kind = 'edge';
select is(jobforge_dispatch(), 0, 'and none for those that none took');

select * from finish();
rollback;
