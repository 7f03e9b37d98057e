begin;
select plan(7);

select tests.unused_project();
select is(jobforge_configure_audit_retention(365), '{"days": 365}', 'a year');
select is((select retention_audit_days from jobforge.settings), 365, 'it is set');
select results_eq('select action, detail from jobforge_audit_log',
  $$ values ('configure_audit_retention',
    '{"before": {"days": null}, "after": {"days": 365}}'::jsonb) $$,
  'and audited');
select is(jobforge_configure_audit_retention(null), '{"days": null}', 'null keeps entries forever');
select tests.refuses('select jobforge_configure_audit_retention(0)', 'invalid_argument',
  'no days', 'p_days must be from 1 to 36500, or null to keep entries forever. It was 0');
select tests.refuses('select jobforge_configure_audit_retention(36501)', 'invalid_argument',
  'more than a century');
select tests.as_member('acme');
select throws_ok(
  'select jobforge_configure_audit_retention(1)', '42501', null, 'it is not for users');

select * from finish();
rollback;
