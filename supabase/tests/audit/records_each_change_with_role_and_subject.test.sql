begin;
select plan(1);

select tests.bring('retried', 'dead');
select tests.bring('canceled', 'queued');
select tests.bring('moved', 'queued');
delete from public.jobforge_audit_log;
select tests.freeze();
select tests.as_member('acme');
select jobforge_cancel_job(tests.id('canceled'));
select jobforge_retry_job(tests.id('retried'));
select jobforge_reschedule_job(tests.id('moved'), '2030-01-02 00:00+00');

select tests.as_owner();
select results_eq(
  'select at, role, subject, tenant_id, action, target from jobforge_audit_log order by id',
  $$ values
    (jobforge.clock(), 'authenticated', tests.sub('acme')::text, tests.tenant('acme'), 'cancel_job',
      tests.id('canceled')::text),
    (jobforge.clock(), 'authenticated', tests.sub('acme')::text, tests.tenant('acme'), 'retry_job',
      tests.id('retried')::text),
    (jobforge.clock(), 'authenticated', tests.sub('acme')::text, tests.tenant('acme'),
      'reschedule_job', tests.id('moved')::text) $$,
  'who did what to which job');

select * from finish();
rollback;
