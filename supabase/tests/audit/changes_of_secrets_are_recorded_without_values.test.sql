begin;
select plan(2);

select tests.as_member('acme');
select jobforge_set_secret(p_name => 'hook', p_value => 'whsec_c4nary');
select jobforge_rotate_secret(p_name => 'hook', p_value => 'whsec_c4nary', p_overlap_seconds => 60);
select jobforge_revoke_secret(p_name => 'hook', p_version => 1);
select jobforge_revoke_secret(p_name => 'hook');
select results_eq(
  $$ select role, subject, tests.tenant_name(tenant_id), action, target, detail
    from jobforge_audit_log order by id $$,
  $$ values
    ('authenticated', tests.sub('acme')::text, 'acme', 'set_secret', 'hook',
      '{"version": 1}'::jsonb),
    ('authenticated', tests.sub('acme')::text, 'acme', 'rotate_secret', 'hook',
      '{"version": 2, "overlap_seconds": 60}'),
    ('authenticated', tests.sub('acme')::text, 'acme', 'revoke_secret', 'hook',
      '{"versions": [1]}'),
    ('authenticated', tests.sub('acme')::text, 'acme', 'revoke_secret', 'hook',
      '{"versions": [2]}') $$, 'who changed which version');
select is((select count(*) from jobforge_audit_log as a where a::text like '%c4nary%'), 0::bigint,
  'and no value');

select * from finish();
rollback;
