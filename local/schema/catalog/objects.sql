-- What JobForge owns: the schema jobforge, and public.jobforge_*. Each object has its class, its id
-- and a name.

create temp view relations as
select c.*
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where (n.nspname = 'jobforge' or n.nspname = 'public' and c.relname like 'jobforge\_%')
  and c.relkind not in ('i', 'I', 't');

create temp view functions as
select p.*
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'jobforge' or n.nspname = 'public' and p.proname like 'jobforge\_%';

-- Without array types and the row types of relations.
create temp view types as
select t.*
from pg_type t
join pg_namespace n on n.oid = t.typnamespace
where (n.nspname = 'jobforge' or n.nspname = 'public' and t.typname like 'jobforge\_%')
  and not (t.typlen = -1 and t.typelem <> 0)
  and (t.typrelid = 0 or t.typrelid in (select oid from relations where relkind = 'c'));

create temp view columns as
select
  a.attrelid, a.attnum, a.attname, a.atttypid,
  row_number() over (partition by a.attrelid order by a.attnum) as rank
from pg_attribute a
join relations c on c.oid = a.attrelid
where a.attnum > 0 and not a.attisdropped and c.relkind <> 'S';

create temp view objects as
select 'pg_namespace'::regclass as class, oid as id from pg_namespace where nspname = 'jobforge'
union
select 'pg_class'::regclass, oid from relations where relkind <> 'c'
union
select 'pg_class'::regclass, indexrelid from pg_index where indrelid in (select oid from relations)
union
select 'pg_proc'::regclass, oid from functions
union
select 'pg_type'::regclass, oid from types
union
select 'pg_constraint'::regclass, oid
from pg_constraint
where conrelid in (select oid from relations) or contypid in (select oid from types)
union
select 'pg_trigger'::regclass, oid
from pg_trigger
where tgrelid in (select oid from relations) and not tgisinternal
union
select 'pg_policy'::regclass, oid from pg_policy where polrelid in (select oid from relations)
union
select 'pg_rewrite'::regclass, oid
from pg_rewrite
where ev_class in (select oid from relations) and rulename <> '_RETURN'
union
select 'pg_statistic_ext'::regclass, oid
from pg_statistic_ext
where stxrelid in (select oid from relations)
union
select 'pg_event_trigger'::regclass, oid
from pg_event_trigger
where evtfoid in (select oid from functions)
union
-- Of any kind. A composite type is listed as a type.
select classid, objid
from pg_depend
where refclassid = 'pg_namespace'::regclass and refobjid = to_regnamespace('jobforge')
  and (
    classid <> 'pg_class'::regclass
    or objid not in (select oid from relations where relkind = 'c')
  );

create temp view named as
select o.*, i.type || ' ' || i.identity as name
from objects o
cross join lateral pg_identify_object(o.class, o.id, 0) i;

create temp view named_columns as
select a.*, i.type || ' ' || i.identity as name
from columns a
cross join lateral pg_identify_object('pg_class'::regclass, a.attrelid, a.attnum) i;
