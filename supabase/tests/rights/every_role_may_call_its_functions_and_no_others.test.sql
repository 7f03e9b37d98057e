begin;
select plan(2);

-- The audience is the first word of a function's comment. Without it no role may call.
create temp table ours as
  select p.oid, substring(obj_description(p.oid, 'pg_proc') from '^([A-Z][a-z]*): ') as audience,
    format('%s %s(%s)', case p.prokind when 'p' then 'call' else 'select' end, p.oid::regproc, (
      select string_agg('null::' || format_type(t.type, null), ', ' order by t.n)
      from unnest(p.proargtypes) with ordinality as t (type, n))) as call
  from pg_proc as p
  where p.pronamespace = 'jobforge'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proname like 'jobforge\_%';

select cmp_ok(
  (select count(*) from ours), '>=', 80::bigint, 'the functions are found');
select is_empty($$
  select a.actor, o.call, r.found
  from tests.actors as a
  cross join ours as o
  cross join lateral tests.attack(a.actor, o.call, o.oid) as r (found)
  where (r.found = 'denied') = coalesce(
    o.audience in ('Users', 'Policies') and a.role <> 'anon' and a.sees is not null
    or o.audience in ('Workers', 'Webhooks', 'Operators') and a.role = 'service_role', false)
$$, 'every role reaches its functions and is denied all others');

select * from finish();
rollback;
