begin;
select plan(1);

select tests.start_run();
select jobforge_configure_queue(tests.tenant('acme'), 'queue-' || n)
from generate_series(1, 300) as n;
select jobforge_enqueue_jobs(tests.tenant('acme'), (
  select jsonb_agg(jsonb_build_object('type', 'test.job', 'queue', 'queue-' || n))
  from generate_series(1, 300) as n));
select is(
  (select count(*) from tests.claim(1000)), 300::bigint, 'one job from each of 300 queues');

select * from finish();
rollback;
