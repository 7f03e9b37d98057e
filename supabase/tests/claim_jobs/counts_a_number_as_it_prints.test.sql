begin;
select plan(3);

-- Each payload takes some thirty bytes where it is stored, and 131,079 of a reply.
select tests.start_run();
select tests.known('acme');
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job', '{"a": 1e131071}')
from generate_series(1, 2);
select jobforge_enqueue_jobs(tests.tenant('acme'), '[
  {"type": "test.job", "payload": {"a": 1e131071}},
  {"type": "test.job", "payload": {"a": 1e131071}, "priority": 1}]');
select is(json_array_length(jobforge_claim_jobs(tests.run_id(), 100, 300000)), 2,
  'two of four jobs fit into 300,000 bytes');
select is(json_array_length(jobforge_claim_jobs(tests.run_id(), 100, 262157)), 1,
  'one byte less than two take brings one');
select is(json_array_length(jobforge_claim_jobs(tests.run_id(), 100, 262158)), 1,
  'the last one is left');

select * from finish();
rollback;
