begin;
select plan(2);

-- Five kilobytes that print as 52 megabytes.
create temp table numbers as
select jsonb_agg('1e131071'::jsonb) as list from generate_series(1, 400);
create function pg_temp.answer(p_call text, p_member text)
returns text
language plpgsql
as $$
declare
  v_tenant constant text := quote_literal(tests.tenant('acme'));
begin
  execute format('select count(*) from numbers, lateral public.jobforge_' || p_call,
    v_tenant, p_member);
  return 'no error';
exception when others then
  return sqlstate || ' ' || sqlerrm;
end
$$;
select tests.start_run();
create temp table answers as
select call, member, pg_temp.answer(call, member) as answer
from (
  select call, unnest(members::text[]) as member
  from (values
    ($c$list_jobs(%s, jsonb_build_object(%L, list))$c$, '{status,type,queue,error_code}'),
    ($c$retry_jobs(%s, jsonb_build_object(%L, list))$c$, '{status,type,created_after}'),
    ($c$cancel_jobs(%s, jsonb_build_object(%L, list))$c$, '{queue,created_before}'),
    ($c$configure_queue(%s, 'default', jsonb_build_object(%L, list))$c$, '{weight,paused}'),
    ($c$configure_schedule(%s, 'one', jsonb_build_object(%L, list))$c$,
      '{expression,time_zone,type,queue,priority,overlap,catch_up,paused}'),
    ($c$enqueue_jobs(%s, jsonb_build_array(jsonb_build_object(%L, list)))$c$,
      '{type,idempotency_key,idempotency_ttl_seconds,run_at,max_attempts,priority,queue,'
        'timeout_ms,traceparent}'),
    ($c$fill_calendar(jsonb_build_array(jsonb_build_object('tenant', %s, %L, list)))$c$,
      '{id,version,resume,times,problem}'),
    ($c$start_run(null, null, %s, 100, jsonb_build_array(jsonb_build_object(%L, list)))$c$,
      '{type,timeout_ms}'),
    ($c$complete_jobs(nullif(tests.run_id()::text, %s)::bigint,
        jsonb_build_array(jsonb_build_object(%L, list)))$c$,
      '{id,outcome,lease_token,retry_after_ms}'),
    ($c$heartbeat(nullif(tests.run_id()::text, %s)::bigint,
        jsonb_build_array(jsonb_build_object(%L, list)))$c$, '{id}')
  ) as calls (call, members)) as each_member;
select cmp_ok(count(*), '>', 30::bigint, 'many members become text') from answers;
select is_empty($$
  select call, member, answer from answers
  where answer !~ '^PT400 p_[a-z]+ must have at most [0-9]+'
$$, 'and each is refused by its size, before it is written out');

select * from finish();
rollback;
