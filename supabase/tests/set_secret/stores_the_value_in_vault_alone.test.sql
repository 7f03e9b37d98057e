begin;
select plan(5);

select tests.as_member('acme');
select results_eq(
  $$ select * from jobforge_set_secret(p_name => 'hook', p_value => 'whsec_c4nary_of_acme') $$,
  $$ values ('hook', 1, null::timestamptz) $$, 'the answer has no value');
select tests.as_owner();
select tests.endpoint();
select tests.receive(id) from jobforge_connector_configs;
select is(decrypted_secret, 'whsec_c4nary_of_acme', 'Vault has it')
from vault.decrypted_secrets where name = format('jobforge/%s/hook/1', tests.tenant('acme'));
select is_empty($$ select from jobforge.secrets as s where s::text like '%c4nary%' $$,
  'not the list');
select is_empty(
  $$ select from public.jobforge_audit_log as a where a::text like '%c4nary%' $$, 'nor the log');
select is_empty($$
  select from public.jobforge_connector_configs as c, public.jobforge_received_webhooks as r,
    public.jobforge_jobs as j where concat(c, r, j) like '%c4nary%' $$, 'nor any other table');

select * from finish();
rollback;
