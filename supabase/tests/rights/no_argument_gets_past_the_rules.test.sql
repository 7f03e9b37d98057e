begin;
select plan(3);

select tests.unused_project();
-- Every parameter of every public function gets every hostile value of its type, the others being
-- sound. The call must go well or be refused with a code of ours, and leave the jobs sound.
create temp table sound (param, value, is_optional) as values
  ('p_tenant_id', $$tests.tenant('acme')$$, false), ('p_type', $$'test.job'$$, false),
  ('p_jobs', $$'[{"type": "test.job"}]'$$, false), ('p_job_id', $$tests.id('mine')$$, true),
  ('p_run_id', 'tests.run_id()', true), ('p_queue', $$'default'$$, true),
  ('p_reason', $$'drained'$$, true), ('p_limit', '1', true), ('p_run_at', 'now()', true),
  ('p_from', $$now() - interval '1 hour'$$, true), ('p_to', 'now()', true),
  ('p_step_seconds', '60', true), ('p_rule', $$'runs_lost'$$, true), ('p_settings', $$'{}'$$, true),
  ('p_refusals', $$'[]'$$, true), ('p_project_url', $$'https://abc.supabase.co'$$, true),
  ('p_outcomes', $$'[]'$$, true);

create temp table hostile (type, value) as
  select type, 'null::' || type
  from unnest(array['text', 'int', 'bigint', 'boolean', 'uuid', 'uuid[]', 'text[]', 'jsonb',
    'timestamptz']) as type
  union all
  select type, format('%L::%s', v, type)
  from unnest(array[-1, 0, 2147483647, -2147483648]) as v, unnest('{int,bigint}'::text[]) as type
  union all
  select 'bigint', format('%L::bigint', v)
  from unnest('{9223372036854775807,-9223372036854775808}'::text[]) as v
  union all
  select 'timestamptz', format('%L::timestamptz', v)
  from unnest(array['infinity', '-infinity', '4714-11-24 00:00+00 BC', '294276-12-31 00:00+00',
    '1970-01-01']) as v
  union all
  select 'uuid', v
  from unnest(array['gen_random_uuid()', $$tests.id('theirs')$$,
    $$'00000000-0000-0000-0000-000000000000'::uuid$$]) as v
  union all
  select 'uuid[]', v
  from unnest(array[$$'{}'::uuid[]$$, 'array[null]::uuid[]', $$array[tests.id('theirs')]$$,
    $$array[array[tests.id('mine')], array[tests.id('theirs')]]$$,
    'array_fill(gen_random_uuid(), array[10000])']) as v
  union all
  select 'text[]', v
  from unnest(array[$$'{}'::text[]$$, 'array[null]::text[]', $$array['', 'x', 'x']$$,
    $$array[repeat('x', 300000)]$$, $$array[array['a'], array['b']]$$,
    $$array_fill('x'::text, array[10000])$$]) as v
  union all
  select 'text', v
  from unnest(array[$$''$$, $$' '$$, $$E'a\r\nb'$$, $$'%s%I%L%n'$$, $$repeat('x', 300000)$$,
    $$U&'\202E'$$, $$'__proto__'$$, $$'../..'$$, $$'''; drop table public.jobforge_jobs; --'$$,
    $$'NaN'$$, $$'DEFAULT'$$]) as v
  union all
  select 'jsonb', v || '::jsonb'
  from unnest(array[$$'null'$$, $$'true'$$, $$'-1'$$, $$'1e100000'$$, $$'"x"'$$, $$'[]'$$, $$'{}'$$,
    $$'[null]'$$, $$'[[]]'$$, $$'[1]'$$, $$'[{}]'$$, $$'{"": null}'$$,
    $$('"' || repeat('x', 300000) || '"')$$, $$(repeat('[', 1000) || repeat(']', 1000))$$,
    $$('[' || repeat('{},', 2000) || '{}]')$$,
    $$'[{"id": "x"}]'$$, $$'[{"id": 1, "lease_token": "NaN", "outcome": null}]'$$,
    $$'[{"id": null, "progress": 1}]'$$, $$'[{"type": null}]'$$, $$'[{"type": 1}]'$$,
    $$'[{"type": "t", "max_attempts": "NaN"}]'$$, $$'[{"type": "t", "timeout_ms": 1e400}]'$$,
    $$'[{"type": "t", "priority": 1e9}]'$$, $$'[{"type": "t", "run_at": "infinity"}]'$$,
    $$'[{"type": "t", "run_at": "-infinity"}]'$$, $$'[{"type": "t", "queue": "invented"}]'$$,
    $$'[{"type": "t", "payload": {"n": 1e100000}}]'$$,
    $$'{"weight": "NaN"}'$$, $$'{"weight": "Infinity"}'$$, $$'{"weight": 0}'$$,
    $$'{"weight": null}'$$, $$'{"max_running": -1}'$$, $$'{"max_running": 1e10}'$$,
    $$'{"rate_limit": 0}'$$, $$'{"rate_period_ms": 0}'$$, $$'{"rate_burst": -1}'$$,
    $$'{"paused": null}'$$, $$'{"id": 1}'$$, $$'{"vtime": -1}'$$]) as v;

create temp table parameters as
  select p.oid, p.proname, a.name, a.n, p.pronargs - p.pronargdefaults < a.n as has_default,
    format_type(t.type, null) as type, has_function_privilege('authenticated', p.oid, 'execute')
      as for_users
  from pg_proc as p
  cross join unnest(p.proargnames) with ordinality as a (name, n)
  join unnest(p.proargtypes) with ordinality as t (type, n) using (n)
  where p.pronamespace = 'public'::regnamespace and p.proname like 'jobforge\_%';
update parameters set type = case type when 'integer' then 'int'
  when 'timestamp with time zone' then 'timestamptz' else type end;
create temp table calls as
  select p.for_users, p.name, h.value, format('select %s(%s)', p.proname, (
    select string_agg(format('%I => %s', o.name,
      case when o.name = p.name then h.value else coalesce(s.value, 'null') end), ', ')
    from parameters as o
    left join sound as s on s.param = o.name and not (o.has_default and s.is_optional)
    where o.oid = p.oid and (o.name = p.name or s.value is not null or not o.has_default))) as call
  from parameters as p join hostile as h on h.type = p.type;

select tests.start_run();
select tests.enqueue('theirs', '{"max_attempts": 7}', 'globex');
select tests.enqueue('mine');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 100000}');

create function pg_temp.damage()
returns text
language sql security definer
as $$
  select string_agg(format('%s of %s', j.type, tests.tenant_name(j.tenant_id)), ', ')
  from public.jobforge_jobs as j
  where not isfinite(j.run_at) or abs(extract(epoch from j.run_at - now())) > 367 * 86400
    or j.max_attempts not between 1 and 1000 or j.priority not between -100 and 100
    or octet_length(j.payload::text) > 262144 or j.queue <> 'default'
    or j.tenant_id = tests.tenant('globex') and j.status not in ('queued', 'running')
$$;
create function pg_temp.result_of(p_actor text, p_call text)
returns text
language plpgsql
as $$
declare
  v_detail text;
  v_message text;
begin
  perform tests.act(a.role, a.claims::text) from tests.actors as a where a.actor = p_actor;
  execute p_call;
  v_message := pg_temp.damage();
  raise exception using errcode = 'TEST0', message = coalesce('damaged ' || v_message, 'sound');
exception when others then
  get stacked diagnostics v_detail = pg_exception_detail;
  return case when sqlstate = 'TEST0' then sqlerrm
    when exists (select from jobforge.error_codes() as e
      where e.code = v_detail) then 'refused'
    else concat_ws(' ', sqlstate, sqlerrm, v_detail) end;
end
$$;
create temp table results as
  select c.*, a.actor, pg_temp.result_of(a.actor, c.call) as result
  from calls as c join tests.actors as a
    on a.actor = 'service' or a.actor = 'member of acme' and c.for_users;

select is_empty($$ select distinct type from parameters except select type from hostile $$,
  'there are hostile values for every type of parameter');
select is_empty($$
  select actor, left(call, 300), left(result, 300) from results
  where result not in ('sound', 'refused') $$, 'every call goes well or is refused in our words');
select cmp_ok((select count(*) from results where result = 'refused'), '>=', 300::bigint,
  'most are refused');

select * from finish();
rollback;
