begin;
select plan(3);

select tests.denies(
  format($$select tests.act(%L, ''), jobforge.session_tenant()$$, role), role)
from unnest('{anon,authenticated,service_role}'::text[]) as role;

select * from finish();
rollback;
