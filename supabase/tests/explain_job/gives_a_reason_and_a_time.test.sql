begin;
select plan(1);

select tests.freeze();
select tests.enqueue('job', '{"run_at": "2030-01-01T01:00:00Z"}');
select tests.as_member('acme');
select is(
  jobforge_explain_job(tests.id('job')) - 'message',
  jsonb_build_object('job_id', tests.id('job'), 'status', 'scheduled', 'reason', 'scheduled',
    'earliest_at', '2030-01-01T01:00:00+00:00'::timestamptz),
  'why it waits and until when');

select * from finish();
rollback;
