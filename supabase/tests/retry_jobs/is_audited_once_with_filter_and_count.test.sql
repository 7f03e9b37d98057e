begin;
select plan(2);

select tests.bring('one', 'dead');
select tests.bring('two', 'dead');
delete from public.jobforge_audit_log;
select tests.as_member('acme');
select jobforge_retry_jobs(p_filter => '{"type": "test.job"}');
select is((select count(*) from jobforge_audit_log), 0::bigint, 'a dry run changes nothing');
select jobforge_retry_jobs(p_filter => '{"type": "test.job"}', p_dry_run => false);
select results_eq(
  'select action, subject, tenant_id, detail from jobforge_audit_log',
  $$ values ('retry_jobs', tests.sub('acme')::text, tests.tenant('acme'),
    '{"filter": {"type": "test.job"}, "count": 2}'::jsonb) $$, 'one entry for all');

select * from finish();
rollback;
