begin;
select plan(2);

select is_empty($$
  select policyname from pg_policies
  where (schemaname = 'jobforge' or tablename like 'jobforge\_%')
    and qual !~* 'select jobforge\.tenant_ids\(\)'
$$, 'each calls tenant_ids in a subselect');
select is_empty($$
  select policyname from pg_policies
  where (schemaname = 'jobforge' or tablename like 'jobforge\_%')
    and (qual ~* 'user_metadata|current_setting|session_tenant' or qual ~* '\mor\M')
$$, 'and nothing else decides');

select * from finish();
rollback;
