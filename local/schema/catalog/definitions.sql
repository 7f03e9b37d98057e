-- Every property of every object, as text. pg_catalog must be the only schema of search_path:
-- then Postgres prints qualified names.

create temp view properties (name, property, value) as
select name, 'exists', '' from named
union all
select o.name, 'owner', w.owner::regrole::text from named o join owners w using (class, id)
union all
select name, property, value from grants
union all
select coalesce(a.name, o.name), 'comment', d.description
from pg_description d
left join named o on o.class = d.classoid and o.id = d.objoid and d.objsubid = 0
left join named_columns a on d.classoid = 'pg_class'::regclass and a.attrelid = d.objoid
  and a.attnum = d.objsubid
where coalesce(a.name, o.name) is not null
union all
select o.name, 'storage',
  format(
    'kind %s persistence %s access %s replica identity %s row security %s forced %s '
      'options %s toast options %s',
    c.relkind, c.relpersistence, m.amname, c.relreplident, c.relrowsecurity, c.relforcerowsecurity,
    c.reloptions, t.reloptions
  )
from named o
join relations c on o.class = 'pg_class'::regclass and c.oid = o.id
left join pg_am m on m.oid = c.relam
left join pg_class t on t.oid = c.reltoastrelid
union all
select o.name, 'partition',
  concat_ws(' ', pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid))
from named o
join relations c on o.class = 'pg_class'::regclass and c.oid = o.id
where c.relkind = 'p' or c.relispartition
union all
select o.name, 'inherits', string_agg(h.inhparent::regclass::text, ', ' order by h.inhseqno)
from named o
join pg_inherits h on o.class = 'pg_class'::regclass and h.inhrelid = o.id
group by o.name
union all
-- The place counts: it is the order of the row type.
select n.name, 'definition',
  concat_ws(
    ' ',
    n.rank, format_type(a.atttypid, a.atttypmod),
    case when a.attcollation not in (0, 100) then 'collate ' || a.attcollation::regcollation end,
    case when a.attnotnull then 'not null' end,
    case when a.attidentity <> '' then 'identity ' || a.attidentity::text end,
    case when a.attgenerated <> '' then 'generated ' || a.attgenerated::text end,
    'default ' || pg_get_expr(d.adbin, d.adrelid),
    'storage ' || a.attstorage::text, 'compression ' || nullif(a.attcompression::text, ''),
    'statistics ' || nullif(a.attstattarget, -1), 'options ' || a.attoptions::text
  )
from named_columns n
join pg_attribute a using (attrelid, attnum)
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
union all
select o.name, 'definition',
  pg_get_constraintdef(c.oid) || case when c.convalidated then '' else ' not validated' end
from named o
join pg_constraint c on o.class = 'pg_constraint'::regclass and c.oid = o.id
union all
select o.name, 'definition',
  concat_ws(
    ' ',
    pg_get_indexdef(i.indexrelid), case when not i.indisvalid then 'invalid' end,
    case when i.indisclustered then 'clustered' end,
    case when i.indisreplident then 'replica identity' end
  )
from named o
join pg_index i on o.class = 'pg_class'::regclass and i.indexrelid = o.id
union all
select o.name, 'definition', pg_get_viewdef(c.oid)
from named o
join relations c on o.class = 'pg_class'::regclass and c.oid = o.id
where c.relkind in ('v', 'm')
union all
select o.name, 'definition',
  format(
    '%s start %s increment %s from %s to %s cache %s cycle %s owned by %s',
    format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
    s.seqcycle,
    coalesce((
      select pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)
      from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = s.seqrelid and d.deptype in ('a', 'i')
        and d.refclassid = 'pg_class'::regclass
    ), 'none')
  )
from named o
join pg_sequence s on o.class = 'pg_class'::regclass and s.seqrelid = o.id
union all
select o.name, 'definition', pg_get_functiondef(p.oid)
from named o
join functions p on o.class = 'pg_proc'::regclass and p.oid = o.id
where p.prokind <> 'a'
union all
select o.name, 'definition', to_jsonb(a)::text
from named o
join pg_aggregate a on o.class = 'pg_proc'::regclass and a.aggfnoid = o.id
union all
select o.name, 'definition',
  concat_ws(
    ' ',
    t.typtype, format_type(nullif(t.typbasetype, 0), t.typtypmod),
    case when t.typnotnull then 'not null' end, 'default ' || t.typdefault,
    'range of ' || r.rngsubtype::regtype, r.rngcanonical, r.rngsubdiff,
    'labels ' || (
      select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
      from pg_enum e
      where e.enumtypid = t.oid
    )
  )
from named o
join types t on o.class = 'pg_type'::regclass and t.oid = o.id
left join pg_range r on r.rngtypid = t.oid
union all
select o.name, 'definition', pg_get_triggerdef(t.oid) || ' enabled ' || t.tgenabled::text
from named o
join pg_trigger t on o.class = 'pg_trigger'::regclass and t.oid = o.id
union all
select o.name, 'definition',
  concat_ws(
    ' ',
    case when p.polpermissive then 'permissive' else 'restrictive' end, 'for', p.polcmd, 'to',
    (
      select string_agg(
        case r when 0 then 'public' else r::regrole::text end, ', ' order by r::regrole::text
      )
      from unnest(p.polroles) r
    ),
    'using ' || pg_get_expr(p.polqual, p.polrelid),
    'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)
  )
from named o
join pg_policy p on o.class = 'pg_policy'::regclass and p.oid = o.id
union all
select o.name, 'definition', pg_get_ruledef(r.oid) || ' enabled ' || r.ev_enabled::text
from named o
join pg_rewrite r on o.class = 'pg_rewrite'::regclass and r.oid = o.id
union all
select o.name, 'definition',
  pg_get_statisticsobjdef(s.oid) || coalesce(' target ' || nullif(s.stxstattarget, -1), '')
from named o
join pg_statistic_ext s on o.class = 'pg_statistic_ext'::regclass and s.oid = o.id
union all
select o.name, 'definition',
  format('on %s %s calls %s enabled %s', e.evtevent, e.evttags, e.evtfoid::regproc, e.evtenabled)
from named o
join pg_event_trigger e on o.class = 'pg_event_trigger'::regclass and e.oid = o.id
union all
select 'publication ' || p.pubname, 'publishes ' || r.prrelid::regclass,
  concat_ws(' ', r.prattrs, pg_get_expr(r.prqual, r.prrelid))
from pg_publication_rel r
join pg_publication p on p.oid = r.prpubid
where r.prrelid in (select oid from relations)
union all
select 'publication ' || p.pubname, 'publishes schema jobforge', ''
from pg_publication_namespace s
join pg_publication p on p.oid = s.pnpubid
where s.pnnspid = to_regnamespace('jobforge')
union all
select
  'settings of ' || case s.setrole when 0 then 'every role' else s.setrole::regrole::text end,
  split_part(setting, '=', 1), substr(setting, position('=' in setting) + 1)
from pg_db_role_setting s
cross join lateral unnest(s.setconfig) setting
where s.setdatabase = (select oid from pg_database where datname = current_database());
