-- The chain of the audit log.
--
-- A sealed entry cannot be changed, removed or inserted without breaking the chain after it. A
-- database owner could rewrite the whole chain. Store its head outside and pass it to
-- verify_audit.

create table jobforge.audit_chain (
  id boolean primary key default true,
  seq bigint not null default 0,
  hash bytea not null default '',
  anchor_seq bigint not null default 0,
  constraint one_row check (id)
);
comment on table jobforge.audit_chain is 'The head of the chain of seals: one row.';
comment on column jobforge.audit_chain.anchor_seq is
  'The last entry that retention deleted. Its seal stays, and the chain is verified from there.';
insert into jobforge.audit_chain default values;

create function jobforge.audit_hash(
  p_previous bytea, p_seq bigint, p_entry public.jobforge_audit_log, p_digest bytea)
returns bytea
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return sha256(p_previous || p_digest || convert_to(jsonb_build_array(
    p_seq, p_entry.id, (extract(epoch from p_entry.at) * 1000000)::bigint,
    p_entry.role, p_entry.action)::text, 'UTF8'));
end
$$;
comment on function jobforge.audit_hash(bytea, bigint, public.jobforge_audit_log, bytea) is
  'The hash of an entry in the chain: over the hash before it, its place and its content.';

create function jobforge.seal_audit(p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_chain jobforge.audit_chain;
  v_new record;
  v_sealed int := 0;
begin
  if not pg_try_advisory_xact_lock(1246708289, 0) then
    return 0;
  end if;
  select audit_chain.* into v_chain from jobforge.audit_chain;
  for v_new in
    select jobforge_audit_log as entry, audit_seals.digest from jobforge.audit_seals
    join public.jobforge_audit_log on jobforge_audit_log.id = audit_seals.entry_id
    where audit_seals.seq is null
    order by audit_seals.entry_id
    limit p_limit
    for update of audit_seals skip locked
  loop
    v_chain.seq := v_chain.seq + 1;
    v_chain.hash := jobforge.audit_hash(v_chain.hash, v_chain.seq, v_new.entry, v_new.digest);
    update jobforge.audit_seals set seq = v_chain.seq, hash = v_chain.hash
    where audit_seals.entry_id = (v_new.entry).id;
    v_sealed := v_sealed + 1;
  end loop;
  update jobforge.audit_chain set seq = v_chain.seq, hash = v_chain.hash where audit_chain.id;
  return v_sealed;
end
$$;
comment on function jobforge.seal_audit(int) is
  'Appends the entries that have no place in the chain yet. One caller at a time: another one '
  'returns at once.';
