begin;
select plan(2);

select tests.start_run();
-- 108 kB that print as more than the gigabyte a text can have, which would raise another error.
create temp table numbers as
select jsonb_agg('1e131071'::jsonb) as list from generate_series(1, 9000);
create temp table shapes (shape, value) as
select 'list', list from numbers
union all
select 'object', jsonb_build_object('n', list) from numbers
union all
select member, jsonb_build_array(jsonb_build_object('type', 'test.job', 'outcome', 'succeeded',
  'id', gen_random_uuid(), 'lease_token', 1, member, list))
from numbers, unnest(array['payload', 'result', 'error', 'progress', 'occurrences', 'refused',
  'retry_ms', 'max_attempts', 'type']) as member
union all
select 'setting ' || member, jsonb_build_object('expression', '1 2 3 4 5', 'type', 'test.job',
  'status', 'dead', member, list)
from numbers, unnest(array['payload', 'weight', 'type', 'threshold', 'url', 'tenant_id']) as member;

-- Other arguments have a value that lets the call get far.
create function pg_temp.value_of(p_argument text)
returns text
language sql
as $$
  select case
    when p_argument = 'p_tenant_id' then quote_literal(tests.tenant('acme'))
    when p_argument = 'p_run_id' then tests.run_id()::text
    when p_argument = 'p_id' then quote_literal(tests.endpoint())
    when p_argument = 'p_type' then quote_literal('test.job')
    when p_argument = 'p_rule' then quote_literal('jobs_failing')
    when p_argument = 'p_connector' then quote_literal('connector.http.request')
    when p_argument = 'p_replay_key' then quote_literal('one')
    when p_argument = 'p_name' then quote_literal('one')
  end
$$;
create function pg_temp.answer(p_function regprocedure, p_argument text, p_shape text)
returns text
language plpgsql
as $$
begin
  execute (
    select format('select count(*) from %s(%s)', p_function::regproc, string_agg(
      format('%I => %s', argument.name, case when argument.name = p_argument
        then format('(select value from shapes where shape = %L)', p_shape)
        else pg_temp.value_of(argument.name) end), ', ')
      filter (where argument.name = p_argument or pg_temp.value_of(argument.name) is not null))
    from pg_proc, unnest(proargnames[1:pronargs]) as argument (name)
    where pg_proc.oid = p_function);
  return 'no error';
exception when others then
  return sqlstate || ' ' || left(sqlerrm, 100);
end
$$;
create temp table answers as
select p.oid::regprocedure as function, argument.name, shape,
  pg_temp.answer(p.oid, argument.name, shape) as answer
from pg_proc as p
cross join unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) as argument (name, type)
cross join shapes
where p.pronamespace = 'public'::regnamespace and starts_with(p.proname, 'jobforge_')
  and argument.type = 'jsonb'::regtype;
select cmp_ok(count(*), '>', 100::bigint, 'functions take JSON') from answers;
select is_empty($$
  select function, name, shape, answer from answers where answer !~ '^(no error|PT4..|42501)'
$$, 'and none writes it out before it is bounded');

select * from finish();
rollback;
