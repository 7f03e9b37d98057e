begin;
select plan(3);

-- pg_net lets every role call anything: what keeps callers from it is that nothing they may call
-- reaches it with rights of their own.
select is_empty($$
  select p.oid::regprocedure, role
  from pg_proc as p, unnest('{anon,authenticated,service_role}'::name[]) as role
  where (p.pronamespace = 'jobforge'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proname like 'jobforge\_%')
    and not p.prosecdef and p.prosrc ~* '\m(net|cron|vault)\.'
    and has_function_privilege(role, p.oid, 'execute')
$$, 'no function with the caller''s rights reaches them');
select is_empty($$
  select n.nspname, a.privilege_type
  from pg_namespace as n, aclexplode(n.nspacl) as a
  where n.nspname in ('cron', 'vault')
    and a.grantee in (0, 'anon'::regrole, 'authenticated'::regrole)
$$, 'users have no way into the clockwork or the secrets');
select is_empty($$
  select d.defaclnamespace::regnamespace, d.defaclobjtype, a.grantee::regrole
  from pg_default_acl as d, aclexplode(d.defaclacl) as a
  where d.defaclnamespace = 'jobforge'::regnamespace
    and a.grantee in (0, 'anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole)
$$, 'nothing new in the internal schema is granted by itself');

select * from finish();
rollback;
