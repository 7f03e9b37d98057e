begin;
select plan(1);

select tests.unused_project();
select tests.act('service_role', '{"role": "service_role", "sub": "ops"}');
select jobforge_configure_queue(tests.tenant('acme'), 'mail', '{"weight": 2}');
select jobforge_setup('https://abc.supabase.co');
select results_eq(
  'select role, subject, tenant_id, action, target, detail from jobforge_audit_log order by id',
  $$ values
    ('service_role', 'ops', tests.tenant('acme'), 'configure_queue', 'mail',
      '{"before": {"weight": 1}, "after": {"weight": 2}}'::jsonb),
    ('service_role', 'ops', null, 'setup', 'https://abc.supabase.co', '{"before":
      {"project_url": null}, "after": {"project_url": "https://abc.supabase.co"}}') $$,
  'queues and setup');

select * from finish();
rollback;
