begin;
select plan(1);

select is_empty($$
  select p.oid::regprocedure
  from pg_proc as p
  where (p.pronamespace = 'jobforge'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proname like 'jobforge\_%')
    and p.prosrc ~* '\mexecute\s+(format\M|[vp]_|'')|query_to_xml|table_to_xml|\mdblink'
    -- An erasure and the rights find their objects in the catalog.
    and p.oid::regproc::text <> all ('{jobforge.delete_tenant_rows,jobforge.erase_traces,
      jobforge.has_tenant_rows,jobforge.set_grants,jobforge.set_policies,
      jobforge.replace_row}')
$$, 'every statement of ours stands in its function');

select * from finish();
rollback;
