begin;
select plan(5);

select tests.freeze();
select tests.enqueue('job');
select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_reschedule_job(tests.id(%L), %L)', 'job', run_at),
  'invalid_argument', coalesce(run_at, 'null'))
from unnest('{null,infinity,-infinity,2031-01-02 00:00:01+00,2028-12-30 23:59:59+00}'::text[])
  as run_at;

select * from finish();
rollback;
