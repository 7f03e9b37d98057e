begin;
select plan(3);

create temp table ours as
  select p.oid::regproc::text as function, p.prosrc
  from pg_proc as p
  where p.pronamespace = 'jobforge'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proname like 'jobforge\_%';
select bag_eq($$
  select distinct function || ' ' || m[1]
  from ours, regexp_matches(prosrc, '\mcurrent_setting\s*\(\s*''([^'']*)''', 'gi') as m
$$, array['jobforge.caller_role role', 'jobforge.claims request.jwt.claims',
  'jobforge.caller request.jwt.claims', 'jobforge.session_tenant app.tenant_id',
  -- the short paths, which ask as caller_role and caller do
  'jobforge.enqueue_job role', 'jobforge.enqueue_job request.jwt.claims',
  'jobforge.settle_and_claim role',
  'jobforge.enqueue_job transaction_isolation', 'jobforge.needs_wakeup transaction_isolation'],
  'few functions ask for a setting, each for one');
select is_empty($$
  select function from ours
  where prosrc ~* '\mcurrent_setting\M\s*\(\s*[^'']' or prosrc ~* '\m(set_config|pg_settings)\M'
$$, 'none asks for a setting by a name it computes, or makes one');
select is_empty($$
  select function from ours
  where prosrc ~* 'user_meta_?data|request\.jwt\.claim[^s]|request\.headers|\mauth\.'
$$, 'none looks where a user can write');

select * from finish();
rollback;
