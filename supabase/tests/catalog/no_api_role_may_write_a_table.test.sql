begin;
select plan(4);

create temp table ours as
  select c.oid, c.oid::regclass as relation, c.relkind
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%';
select is_empty($$
  select role, relation, privilege
  from ours, unnest('{anon,authenticated,service_role}'::name[]) as role,
    unnest('{insert,update,delete,truncate,references,trigger}'::text[]) as privilege
  where relkind in ('r', 'p', 'v') and has_table_privilege(role, oid, privilege)
$$, 'no right to write a table');
select is_empty($$
  select role, relation, privilege
  from ours, unnest('{anon,authenticated,service_role}'::name[]) as role,
    unnest('{insert,update,references}'::text[]) as privilege
  where relkind in ('r', 'p', 'v') and has_any_column_privilege(role, oid, privilege)
$$, 'nor a column');
select is_empty($$
  select role, relation
  from ours, unnest('{anon,authenticated,service_role}'::name[]) as role
  where relkind = 'S' and has_sequence_privilege(role, oid, 'usage, select, update')
$$, 'nor a sequence');
select is_empty($$
  select relation from ours join pg_class as c using (oid), aclexplode(c.relacl) as a
  where a.grantee = 0
$$, 'and PUBLIC has no right at all');

select * from finish();
rollback;
