begin;
select plan(2);

select tests.start_run();
select tests.enqueue('job', '{"payload": {"card": "4111"}, "idempotency_key": "card-4111"}');
select tests.claim();
select tests.settle('job', 'failed', '{"error": {"code": "card", "message": "4111 refused"}}');
select jobforge_retry_job(tests.id('job'), tests.tenant('acme'));
select jobforge_reschedule_job(tests.id('job'), clock_timestamp(), tests.tenant('acme'));
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select is((select count(*) from jobforge_audit_log), 3::bigint, 'three changes');
select is(
  (select count(*) from jobforge_audit_log as a where a::text like '%4111%'), 0::bigint,
  'and nothing of what the job carries');

select * from finish();
rollback;
