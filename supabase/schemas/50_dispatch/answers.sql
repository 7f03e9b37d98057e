-- What the worker answered: pg_net keeps an answer for hours, JobForge keeps it with the call.

create function jobforge.record_answers(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_oldest timestamptz;
  v_count int;
begin
  -- pg_net has an index on the time of answers, and none on their ids. Of an answer that is an
  -- hour late the call is worth nothing.
  select min(r.created_at) - interval '1 minute' into v_oldest from jobforge.runs as r
  where r.request_id is not null and r.answered_at is null
    and r.created_at > p_now - interval '1 hour';
  if v_oldest is null or to_regclass('net._http_response') is null then
    return 0;
  end if;
  with answered as (
    select r.id, answer.status_code, answer.timed_out, answer.error_msg, answer.content
    from jobforge.runs as r
    join net._http_response as answer on answer.id = r.request_id
    where r.request_id is not null and r.answered_at is null and answer.created >= v_oldest
    order by r.id
    limit p_limit
    for no key update of r skip locked
  )
  update jobforge.runs as r
  set answered_at = p_now, answer_status = answered.status_code,
    answer_timed_out = coalesce(answered.timed_out, false),
    answer_error = jobforge.answer_error(
      answered.status_code, answered.timed_out, answered.error_msg, answered.content)
  from answered
  where r.id = answered.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function jobforge.record_answers(timestamptz, int) is
  'Stores what pg_net received for the calls of the last hour. Returns for how many.';

create function jobforge.answer_error(
  p_status int, p_timed_out boolean, p_error text, p_content text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_status between 200 and 299 then null
    when p_status is not null then jobforge.short_error('HTTP ' || p_status, p_content)
    when p_timed_out then jobforge.short_error('timed out', p_error)
    else jobforge.short_error('not sent', p_error)
  end
$$;
comment on function jobforge.answer_error(int, boolean, text, text) is
  'Returns why a call failed, in one short line, or null for an answer of 200 to 299.';

create function jobforge.answer_of(p_run_id bigint)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run jobforge.runs;
  v_answer record;
  v_waiting int;
begin
  select r.* into v_run from jobforge.runs as r where r.id = p_run_id;
  if v_run.request_id is not null and v_run.answered_at is null
    and to_regclass('net._http_response') is not null
  then
    select answer.status_code, answer.timed_out, answer.error_msg, answer.content, answer.created
    into v_answer
    from net._http_response as answer
    where answer.id = v_run.request_id
      and answer.created >= v_run.created_at - interval '1 minute';
    if found then
      v_run.answered_at := v_answer.created;
      v_run.answer_status := v_answer.status_code;
      v_run.answer_timed_out := coalesce(v_answer.timed_out, false);
      v_run.answer_error := jobforge.answer_error(
        v_answer.status_code, v_answer.timed_out, v_answer.error_msg, v_answer.content);
    else
      select count(*) into v_waiting from (
        select from net.http_request_queue as queued
        where queued.id < v_run.request_id limit 10000) as before;
    end if;
  end if;
  return jsonb_build_object('run_id', v_run.id, 'called_at', v_run.created_at,
    'state', v_run.state, 'answered', v_run.answered_at is not null,
    'status', v_run.answer_status, 'error', v_run.answer_error,
    'timed_out', coalesce(v_run.answer_timed_out, false), 'waiting_before', v_waiting);
exception when others then
  return jsonb_build_object('run_id', v_run.id, 'called_at', v_run.created_at,
    'state', v_run.state, 'answered', false, 'status', null,
    'error', jobforge.short_error(sqlstate, sqlerrm), 'timed_out', false, 'waiting_before', null);
end
$$;
comment on function jobforge.answer_of(bigint) is
  'What became of a call: its status, its error, or how many requests wait before it in pg_net.';

create function jobforge.last_call()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jobforge.answer_of((
    select r.id from jobforge.runs as r
    where r.call_slot is not null order by r.call_slot desc, r.id desc limit 1))
  where exists (select from jobforge.runs as r where r.call_slot is not null)
$$;
comment on function jobforge.last_call() is
  'What became of the newest call to the worker, or null when there was none in a week.';

create function jobforge.undelivered_since(p_since timestamptz)
returns bigint
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- The newest ticket that a worker redeemed shows that calls arrive again.
  with recent as materialized (
    select r.id, r.state, r.call_slot, r.ended_at from jobforge.runs as r
    order by r.id desc limit 2000
  )
  select count(*) from recent
  where recent.state = 'undelivered' and recent.ended_at > p_since
    and recent.id > coalesce((
      select max(redeemed.id) from recent as redeemed
      where redeemed.call_slot is not null and redeemed.state not in ('pending', 'undelivered')), 0)
$$;
comment on function jobforge.undelivered_since(timestamptz) is
  'Returns how many tickets expired since a time and since the last ticket that was redeemed, '
  'among the newest 2,000 runs.';
