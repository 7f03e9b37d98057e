-- Verify the audit log: whether entries and seals still agree, and where they do not.

create function jobforge.problems_of_seals(p_after_seq bigint, p_through_seq bigint)
returns table (seq bigint, entry_id bigint, problem text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with sealed as (
    select s.*, l as entry,
      lag(s.seq, 1, 0::bigint) over chain as previous_seq,
      lag(s.hash, 1, ''::bytea) over chain as previous_hash
    from jobforge.audit_seals as s left join public.jobforge_audit_log as l on l.id = s.entry_id
    where s.seq between p_after_seq and p_through_seq
    window chain as (order by s.seq)
  )
  select s.seq, s.entry_id, p.problem
  from sealed as s
  cross join lateral (
    select case
      when s.seq <> s.previous_seq + 1 then 'an entry before it was removed'
      when (s.entry).id is null then 'removed'
      when s.hash <> jobforge.audit_hash(s.previous_hash, s.seq, s.entry, s.digest)
        or (s.entry).erasure_id is null
          and s.digest is distinct from jobforge.audit_digest(s.entry, s.salt)
        then 'changed'
    end
  ) as p (problem)
  where s.seq > p_after_seq and p.problem is not null
$$;
comment on function jobforge.problems_of_seals(bigint, bigint) is
  'Sealed entries that do not say what was sealed.';

create function jobforge.problems_of_log()
returns table (seq bigint, entry_id bigint, problem text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select c.seq, null::bigint, 'the newest entries were removed'
  from jobforge.audit_chain as c
  where c.seq > 0 and not exists (
    select from jobforge.audit_seals as s where s.seq = c.seq and s.hash = c.hash)
  union all
  select null, l.id, 'nobody recorded it'
  from public.jobforge_audit_log as l
  where not exists (select from jobforge.audit_seals as s where s.entry_id = l.id)
  union all
  select null, s.entry_id, case when l.id is null then 'removed' else 'changed' end
  from jobforge.audit_seals as s left join public.jobforge_audit_log as l on l.id = s.entry_id
  where s.seq is null and (l.id is null
    or l.erasure_id is null and s.digest is distinct from jobforge.audit_digest(l, s.salt))
  union all
  -- Taken out by an erasure: as many and the same as its own entry, which is sealed, says.
  select null, null, format('erasure %s took out other entries than it recorded', e.erasure_id)
  from (
    select l.erasure_id, jobforge.erased_entries_digest(l.erasure_id) as digest
    from public.jobforge_audit_log as l where l.erasure_id is not null group by l.erasure_id
  ) as e
  where not exists (
      select from public.jobforge_audit_log as r
      where r.action = 'erase_tenant' and r.target = 'erasure ' || e.erasure_id
        and r.detail ->> 'audit_digest' = e.digest)
    and not exists (
      select from jobforge.erasures as u where u.id = e.erasure_id and u.finished_at is null);
end
$$;
comment on function jobforge.problems_of_log() is
  'What is wrong beyond the single seals: entries without a seal, a cut end, erasures that do not add up.';

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
  if coalesce(p_after_seq, -1) not between 0 and 9000000000000000000 or coalesce(p_limit, 0) not between 1 and 1000000 then
    perform jobforge.fail('invalid_argument',
      'p_after_seq must be from 0 to 9000000000000000000, and p_limit from 1 to 1000000');
  end if;
  select c.* into v_chain from jobforge.audit_chain as c;
  v_through := p_after_seq + p_limit;
  select jsonb_agg(p.*) into v_problems
  from (
    select * from jobforge.problems_of_seals(p_after_seq, v_through)
    union all
    select p.* from jobforge.problems_of_log() as p where v_through >= v_chain.seq
    union all
    select p_known_seq, null, 'the chain does not hold the head that was noted'
    where p_known_seq is not null and not exists (
      select from jobforge.audit_seals as s
      where s.seq = p_known_seq and encode(s.hash, 'hex') = p_known_hash)
    limit 100
  ) as p;
  return jsonb_build_object('intact', v_problems is null, 'problems', coalesce(v_problems, '[]'),
    'head', jsonb_build_object('seq', v_chain.seq, 'hash', encode(v_chain.hash, 'hex')),
    'next_seq', case when v_through < v_chain.seq then v_through end,
    'unsealed', (select count(*) from jobforge.audit_seals as s where s.seq is null));
end
$$;
comment on function jobforge.verify_audit(bigint, int, bigint, text) is
  'Operators: whether the audit log still says what was recorded, and where it does not.';

create function public.jobforge_verify_audit(
  p_after_seq bigint default 0, p_limit int default 100000, p_known_seq bigint default null,
  p_known_hash text default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.verify_audit(p_after_seq, p_limit, p_known_seq, p_known_hash) $$;
comment on function public.jobforge_verify_audit(bigint, int, bigint, text) is
  'Operators: whether the audit log was changed, cut or added to; also against a head noted '
  'before.';
