-- Prune the audit log, if an operator has set a retention. Without one it is kept forever.
--
-- Only whole stretches from the start of the chain go. The seal of the last deleted entry stays as
-- the anchor, so that the rest of the chain can still be verified.

create function jobforge.expired_audit_seq(p_before timestamptz, p_limit int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select max(read.seq)
    from (
      -- A missing entry ends the stretch: retention hides no gap.
      select oldest.seq, bool_and(coalesce(jobforge_audit_log.at < p_before, false))
        over (order by oldest.seq) as expired
      from (
        select audit_seals.seq, audit_seals.entry_id from jobforge.audit_seals
        where audit_seals.seq > (select audit_chain.anchor_seq from jobforge.audit_chain)
        order by audit_seals.seq
        limit p_limit
      ) as oldest
      left join public.jobforge_audit_log on jobforge_audit_log.id = oldest.entry_id
    ) as read
    where read.expired);
end
$$;
comment on function jobforge.expired_audit_seq(timestamptz, int) is
  'Returns the end of the stretch of sealed entries, from the start of the chain, that are all '
  'older than a time. Null when there is none.';

create function jobforge.prune_audit(p_now timestamptz, p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_days constant int := (select settings.retention_audit_days from jobforge.settings);
  v_anchor bigint;
  v_through bigint;
  v_erasures bigint[];
  v_count int;
begin
  if v_days is null or not pg_try_advisory_xact_lock(1246708289, 0) then
    return 0;
  end if;
  v_through := jobforge.expired_audit_seq(p_now - make_interval(days => v_days), p_limit);
  if v_through is null then
    return 0;
  end if;
  select audit_chain.anchor_seq into v_anchor from jobforge.audit_chain;
  if exists (select from jobforge.problems_of_seals(v_anchor, v_through)) then
    perform jobforge.fail('wrong_state',
      'the audit log does not verify, so nothing of it is deleted');
  end if;
  with deleted as (
    delete from public.jobforge_audit_log using jobforge.audit_seals
    where audit_seals.seq > v_anchor and audit_seals.seq <= v_through
      and jobforge_audit_log.id = audit_seals.entry_id
    returning jobforge_audit_log.erasure_id
  )
  select count(*), array_agg(distinct deleted.erasure_id)
    filter (where deleted.erasure_id is not null)
  into v_count, v_erasures
  from deleted;
  delete from jobforge.audit_seals where audit_seals.seq < v_through;
  update jobforge.audit_chain set anchor_seq = v_through where audit_chain.id;
  -- Of an erasure that lost entries here, the digest of the rest takes the place of the one before.
  perform jobforge.audit('prune_audit', null, 'entries up to ' || v_through, jsonb_build_object(
    'entries', v_count, 'through', v_through, 'erasures', (
      select coalesce(jsonb_object_agg(erased.id, jobforge.erased_entries_digest(erased.id)), '{}')
      from unnest(v_erasures) as erased (id))));
  return v_count;
end
$$;
comment on function jobforge.prune_audit(timestamptz, int) is
  'Deletes the oldest sealed entries beyond the retention of the audit log, if it has one. Raises '
  'an error when they do not verify.';
