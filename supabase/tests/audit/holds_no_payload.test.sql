begin;
select plan(2);

select tests.unused_project();
select tests.hold_job('job', '{"payload": {"card": "c4nary"}, "idempotency_key": "c4nary-key"}');
select tests.settle('job', 'failed', '{"error": {"code": "card", "message": "c4nary refused"}}');
select jobforge_retry_job(tests.id('job'), tests.tenant('acme'));
select jobforge_reschedule_job(tests.id('job'), clock_timestamp(), tests.tenant('acme'));
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select is((select count(*) from jobforge_audit_log), 3::bigint, 'three changes');
select is(
  (select count(*) from jobforge_audit_log as a where a::text like '%c4nary%'), 0::bigint,
  'and nothing of what the job carries');

select * from finish();
rollback;
