begin;
select plan(2);

select tests.freeze();
select tests.schedule(name, '{"expression": "3600 seconds"}')
from unnest('{a,b,c}'::text[]) as name;
select tests.advance('1 hour');
select jobforge.fire_schedules(jobforge.clock(), 2);
select is(tests.job_count(), 2, 'as many as a dispatch may start');
select jobforge.fire_schedules(jobforge.clock(), 2);
select is(tests.job_count(), 3, 'the rest in the next');

select * from finish();
rollback;
