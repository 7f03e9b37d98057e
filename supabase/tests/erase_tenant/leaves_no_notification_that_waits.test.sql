begin;
select plan(9);

select tests.freeze();
select tests.pager('pager');
select jobforge_configure_alert('delivery',
  jsonb_build_object('tenant_id', tests.tenant('hooli'), 'destination', 'pager'));
insert into jobforge.alerts
  (rule, subject, tenant_id, severity, message, value, threshold, opened_at, seen_at)
select 'queue_waiting', name, tests.tenant(name), 'warning', 'late', 1, 1, jobforge.clock(),
  jobforge.clock()
from unnest(array['acme', 'globex']) as name;
select jobforge.send_notifications(jobforge.clock());
create function pg_temp.mentions(p_tenant text) returns bigint language sql
return (select count(*) from jobforge.jobs where payload::text like '%' || tests.tenant(p_tenant)
  || '%');
create function pg_temp.erase(p_tenant text) returns text language plpgsql
as $$
declare
  v_state text;
begin
  for v_n in 1..5 loop
    v_state := jobforge_erase_tenant(tests.tenant(p_tenant)) ->> 'state';
  end loop;
  return v_state;
end
$$;

select is(pg_temp.mentions('globex'), 1::bigint, 'a notification about the tenant waits');
select is(pg_temp.erase('globex'), 'finished', 'its erasure finishes');
select is(pg_temp.mentions('globex'), 0::bigint, 'without it');
select is(pg_temp.mentions('acme'), 1::bigint, 'others stay');
select tests.start_run();
create temp table sent as
select sending -> 'id' as id, sending -> 'lease_token' as lease_token
from json_array_elements(jobforge_claim_jobs(tests.run_id(), 10)) as sending;
select jobforge_heartbeat(tests.run_id(), jsonb_agg(
  jsonb_build_object('id', id, 'lease_token', lease_token, 'progress', 0.5)))
from sent;
select is(pg_temp.erase('acme'), 'waiting', 'an erasure waits for one that a run is sending');
select jobforge_finish_run(tests.run_id(), 'drained');
select is(pg_temp.erase('acme'), 'finished', 'until the run has ended');
select is_empty('select from jobforge.job_progress', 'no progress is left');
select is_empty('select from jobforge.cancel_requests', 'nor a request that it stops');
select is_empty($$
  select from jobforge.idempotency_keys
  where tenant_id = tests.tenant('hooli') and expires_at is null
$$, 'and its key expires like those of others');

select * from finish();
rollback;
