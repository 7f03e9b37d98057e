-- Who owns an object, and what is granted on it.

create temp view owners (class, id, owner) as
select 'pg_namespace'::regclass, oid, nspowner from pg_namespace
union all
select 'pg_class'::regclass, oid, relowner from pg_class where relkind not in ('i', 'I')
union all
select 'pg_proc'::regclass, oid, proowner from pg_proc
union all
select 'pg_type'::regclass, oid, typowner from pg_type
union all
select 'pg_statistic_ext'::regclass, oid, stxowner from pg_statistic_ext
union all
select 'pg_event_trigger'::regclass, oid, evtowner from pg_event_trigger;

-- A missing list means the default of the kind.
create temp view access_lists (name, list) as
select o.name, coalesce(n.nspacl, acldefault('n', n.nspowner))
from named o
join pg_namespace n on o.class = 'pg_namespace'::regclass and n.oid = o.id
union all
select
  o.name,
  coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner))
from named o
join relations c on o.class = 'pg_class'::regclass and c.oid = o.id
union all
select o.name, coalesce(p.proacl, acldefault('f', p.proowner))
from named o
join functions p on o.class = 'pg_proc'::regclass and p.oid = o.id
union all
select o.name, coalesce(t.typacl, acldefault('T', t.typowner))
from named o
join types t on o.class = 'pg_type'::regclass and t.oid = o.id
union all
select n.name, a.attacl
from named_columns n
join pg_attribute a using (attrelid, attnum)
where a.attacl is not null
union all
select
  format(
    'default privileges of %s in %s on %s',
    d.defaclrole::regrole,
    coalesce(nullif(d.defaclnamespace, 0)::regnamespace::text, 'every schema'),
    d.defaclobjtype
  ),
  d.defaclacl
from pg_default_acl d
where d.defaclnamespace in (0, to_regnamespace('jobforge'), to_regnamespace('public'));

create temp view grants as
select
  name,
  format(
    'granted to %s by %s',
    case g.grantee when 0 then 'public' else g.grantee::regrole::text end, g.grantor::regrole
  ) as property,
  string_agg(
    g.privilege_type || case when g.is_grantable then ' with grant option' else '' end,
    ', ' order by g.privilege_type
  ) as value
from access_lists
cross join lateral aclexplode(list) g
group by name, g.grantee, g.grantor;
