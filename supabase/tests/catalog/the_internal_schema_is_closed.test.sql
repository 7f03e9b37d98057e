begin;
select plan(4);

select is(
  has_schema_privilege('anon', 'jobforge', 'usage'), false, 'anon may not even look into it');
select is(
  has_schema_privilege(role, 'jobforge', 'create'), false, role || ' may not create in it')
from unnest('{anon,authenticated,service_role}'::name[]) as role;

select * from finish();
rollback;
