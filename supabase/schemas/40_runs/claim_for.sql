-- Claim for a run: quarantined jobs alone, and none that the run cannot take.

create function jobforge.claim_for(
  p_run_id bigint, p_held int, p_alone boolean, p_limit int, p_max_bytes int, p_floor numeric,
  p_now timestamptz)
returns jobforge.claimed
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_quarantined constant boolean := p_held = 0 and exists (
    select from jobforge.quarantined);
  v_claimed jobforge.claimed;
begin
  -- Quarantined jobs and other jobs take turns, so that neither kind can keep the other waiting.
  if not v_quarantined or p_alone then
    v_claimed := jobforge.claim(p_run_id, p_limit, p_max_bytes, p_floor, p_now);
  end if;
  if v_quarantined and coalesce(v_claimed.count, 0) = 0 then
    v_claimed := jobforge.claim_quarantined(p_run_id, p_now);
    if coalesce(v_claimed.count, 0) = 0 and not p_alone then
      v_claimed := jobforge.claim(p_run_id, p_limit, p_max_bytes, p_floor, p_now);
    end if;
  end if;
  return v_claimed;
end
$$;
comment on function jobforge.claim_for(
  bigint, int, boolean, int, int, numeric, timestamptz) is
  'Claims jobs for a run. A quarantined job is claimed alone.';

create function jobforge.read_for(
  p_run_id bigint, p_types text[], p_claimed jobforge.claimed)
returns jobforge.claimed_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claimed jobforge.claimed := p_claimed;
  v_read jobforge.claimed_jobs := jobforge.read_claimed(p_run_id, p_claimed);
begin
  if not v_read.types <@ p_types then
    v_claimed.count := v_claimed.count
      - jobforge.set_aside(p_run_id, p_claimed.tokens, p_types);
    v_read := jobforge.read_claimed(p_run_id, v_claimed);
  end if;
  v_read.floor := p_claimed.floor;
  v_read.alone := p_claimed.alone;
  v_read.is_full := p_claimed.is_full;
  return v_read;
end
$$;
comment on function jobforge.read_for(bigint, text[], jobforge.claimed) is
  'Claimed jobs as JSON. Those that the run cannot take are set aside first. Null types mean all.';

create function jobforge.claim_and_read(
  p_run_id bigint, p_held int, p_alone boolean, p_types text[], p_floor numeric, p_limit int,
  p_max_bytes int, p_now timestamptz)
returns jobforge.claimed_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unusual boolean;
  v_claimed jobforge.claimed;
  v_read jobforge.claimed_jobs;
begin
  if p_held > 0 and p_alone then
    v_read.alone := true;
    return v_read;
  end if;
  -- One expression, because each costs as much as a statement.
  v_unusual := exists (select from jobforge.wakeups) or exists (select from jobforge.parked_queues)
    or exists (select from jobforge.queues as q where q.wake_at <= p_now)
    or exists (select from jobforge.unclaimed) or exists (select from jobforge.quarantined);
  if v_unusual then
    if exists (select from jobforge.unclaimed) then
      perform jobforge.return_unclaimed(p_types, 1000);
    end if;
    perform jobforge.promote(p_now);
    v_unusual := exists (select from jobforge.quarantined);
  end if;
  if p_limit = 1 and not v_unusual then
    v_read := jobforge.claim_one(p_run_id, p_types, p_floor, p_now);
    if v_read.count > 0 then
      return v_read;
    end if;
  end if;
  -- Again when all that was claimed had to be set aside.
  for v_try in 1..5 loop
    v_claimed := jobforge.claim_for(
      p_run_id, p_held, p_alone, p_limit, p_max_bytes, p_floor, p_now);
    exit when coalesce(v_claimed.count, 0) = 0;
    v_read := jobforge.read_for(p_run_id, p_types, v_claimed);
    exit when v_read.count > 0;
  end loop;
  return v_read;
end
$$;
comment on function jobforge.claim_and_read(
  bigint, int, boolean, text[], numeric, int, int, timestamptz) is
  'Claims jobs for a run and returns them as JSON.';
