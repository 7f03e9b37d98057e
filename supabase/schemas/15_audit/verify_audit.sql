-- Verify the audit log: whether entries and seals match, and where they do not.

create function jobforge.problems_of_seals(p_after_seq bigint, p_through_seq bigint)
returns table (seq bigint, entry_id bigint, problem text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with sealed as (
    select audit_seals.*, jobforge_audit_log as entry,
      lag(audit_seals.seq, 1, 0::bigint) over chain as previous_seq,
      lag(audit_seals.hash, 1, ''::bytea) over chain as previous_hash
    from jobforge.audit_seals
    left join public.jobforge_audit_log on jobforge_audit_log.id = audit_seals.entry_id
    where audit_seals.seq <= p_through_seq and audit_seals.seq >= greatest(p_after_seq, (
      select audit_chain.anchor_seq from jobforge.audit_chain))
    window chain as (order by audit_seals.seq)
  )
  select sealed.seq, sealed.entry_id, judged.problem
  from sealed
  cross join lateral (
    select case
      when sealed.seq <> sealed.previous_seq + 1 then 'an entry before it was removed'
      when (sealed.entry).id is null then 'removed'
      when sealed.hash <> jobforge.audit_hash(
        sealed.previous_hash, sealed.seq, sealed.entry, sealed.digest)
        or (sealed.entry).erasure_id is null
          and sealed.digest is distinct from jobforge.audit_digest(sealed.entry, sealed.salt)
        then 'changed'
    end
  ) as judged (problem)
  where judged.problem is not null and sealed.seq > greatest(p_after_seq, (
    select audit_chain.anchor_seq from jobforge.audit_chain))
$$;
comment on function jobforge.problems_of_seals(bigint, bigint) is
  'Sealed entries that differ from what was sealed.';

create function jobforge.problems_of_log()
returns table (seq bigint, entry_id bigint, problem text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select audit_chain.seq, null::bigint, 'the newest entries were removed'
  from jobforge.audit_chain
  where audit_chain.seq > 0 and not exists (
    select from jobforge.audit_seals
    where audit_seals.seq = audit_chain.seq and audit_seals.hash = audit_chain.hash)
  union all
  select null, jobforge_audit_log.id, 'inserted'
  from public.jobforge_audit_log
  where not exists (
    select from jobforge.audit_seals where audit_seals.entry_id = jobforge_audit_log.id)
  union all
  select null, audit_seals.entry_id,
    case when jobforge_audit_log.id is null then 'removed' else 'changed' end
  from jobforge.audit_seals
  left join public.jobforge_audit_log on jobforge_audit_log.id = audit_seals.entry_id
  where audit_seals.seq is null and (jobforge_audit_log.id is null
    or jobforge_audit_log.erasure_id is null
      and audit_seals.digest is distinct from jobforge.audit_digest(
        jobforge_audit_log, audit_seals.salt))
  union all
  -- The entries that an erasure emptied must match the digest in its own entry, which is sealed.
  select null, null, format('erasure %s took out other entries than it recorded', erased.erasure_id)
  from (
    select jobforge_audit_log.erasure_id,
      jobforge.erased_entries_digest(jobforge_audit_log.erasure_id) as digest
    from public.jobforge_audit_log
    where jobforge_audit_log.erasure_id is not null
    group by jobforge_audit_log.erasure_id
  ) as erased
  where not exists (
      select from public.jobforge_audit_log
      where jobforge_audit_log.action = 'erase_tenant'
        and jobforge_audit_log.target = 'erasure ' || erased.erasure_id
        and jobforge_audit_log.detail ->> 'audit_digest' = erased.digest)
    and not exists (
      select from public.jobforge_audit_log
      where jobforge_audit_log.action = 'prune_audit'
        and jobforge_audit_log.detail #>> array['erasures', erased.erasure_id::text]
          = erased.digest)
    and not exists (
      select from jobforge.erasures
      where erasures.id = erased.erasure_id and erasures.finished_at is null);
end
$$;
comment on function jobforge.problems_of_log() is
  'Problems beyond the sealed entries: a cut end, entries without their seal, and erasures that '
  'do not match their own entry.';

create function jobforge.verify_audit(
  p_after_seq bigint, p_limit int, p_known_seq bigint, p_known_hash text)
returns jsonb
language plpgsql stable
security definer -- reads the seals
set search_path = pg_catalog, pg_temp
as $$
declare
  v_chain jobforge.audit_chain;
  v_through bigint;
  v_problems jsonb;
begin
  perform jobforge.require_service();
  if coalesce(p_after_seq, -1) not between 0 and 9000000000000000000
    or coalesce(p_limit, 0) not between 1 and 1000000
  then
    perform jobforge.fail('invalid_argument',
      'p_after_seq must be from 0 to 9000000000000000000, and p_limit from 1 to 1000000');
  end if;
  select audit_chain.* into v_chain from jobforge.audit_chain;
  v_through := p_after_seq + p_limit;
  select jsonb_agg(problems.*) into v_problems
  from (
    select * from jobforge.problems_of_seals(p_after_seq, v_through)
    union all
    select * from jobforge.problems_of_log() where v_through >= v_chain.seq
    union all
    select p_known_seq, null, case when p_known_seq < v_chain.anchor_seq
      then 'the head that was noted is older than the oldest entry that is kept'
      else 'the chain does not hold the head that was noted' end
    where p_known_seq is not null and not exists (
      select from jobforge.audit_seals
      where audit_seals.seq = p_known_seq and encode(audit_seals.hash, 'hex') = p_known_hash)
    limit 100
  ) as problems;
  return jsonb_build_object('intact', v_problems is null, 'problems', coalesce(v_problems, '[]'),
    'head', jsonb_build_object('seq', v_chain.seq, 'hash', encode(v_chain.hash, 'hex')),
    'next_seq', case when v_through < v_chain.seq then v_through end,
    'unsealed', (select count(*) from jobforge.audit_seals where audit_seals.seq is null));
end
$$;
comment on function jobforge.verify_audit(bigint, int, bigint, text) is
  'Operators: whether the audit log is as it was recorded, and where it is not.';

create function public.jobforge_verify_audit(
  p_after_seq bigint default 0, p_limit int default 100000, p_known_seq bigint default null,
  p_known_hash text default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.verify_audit(p_after_seq, p_limit, p_known_seq, p_known_hash) $$;
comment on function public.jobforge_verify_audit(bigint, int, bigint, text) is
  'Operators: whether the audit log was changed, cut or added to. Also compares it with a head '
  'that you stored before.';
