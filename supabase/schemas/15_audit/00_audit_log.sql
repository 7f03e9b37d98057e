-- The audit log.
--
-- Each change writes an entry and a seal in its own transaction. The seal is a salted digest of
-- the entry. Maintenance chains the seals later, so no writer waits for another. Personal data is
-- covered by the salted digest alone: an erasure deletes the data and the salt, and the chain
-- stays valid.

create table public.jobforge_audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  role text not null,
  subject text,
  tenant_id uuid,
  action text not null,
  target text,
  detail jsonb,
  erasure_id bigint
);
comment on table public.jobforge_audit_log is
  'A privileged or user-made change: who, what, which tenant. Append-only.';
comment on column public.jobforge_audit_log.erasure_id is
  'The erasure that took subject, tenant, target and detail out of this entry.';
create index jobforge_audit_log_tenant_idx on public.jobforge_audit_log (tenant_id, id);
create index jobforge_audit_log_erasure_idx on public.jobforge_audit_log (erasure_id, id)
  where erasure_id is not null;

create table jobforge.audit_seals (
  entry_id bigint primary key,
  salt bytea,
  digest bytea not null,
  seq bigint unique,
  hash bytea,
  constraint hash_when_sealed check ((seq is null) = (hash is null))
);
comment on table jobforge.audit_seals is
  'For each audit entry the digest of what it says and, once sealed, its place and hash in the chain.';
create index audit_seals_unsealed_idx on jobforge.audit_seals (entry_id) where seq is null;

create function jobforge.redacted(p_value jsonb)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(p_value)
    when 'object' then (
      select coalesce(jsonb_object_agg(m.key, case
        when m.key ~* ('^(payload|result|error|last_error|progress|headers?|authorization|cookie|'
          'signature|secrets?|secret_refs?|value|token|ticket|lease_token|password|idempotency_key)$')
          and jsonb_typeof(m.value) not in ('null', 'boolean')
          and not (m.key = 'secret_refs' and jsonb_typeof(m.value) = 'number') -- how many
          then '"[redacted]"' else jobforge.redacted(m.value) end), '{}')
      from jsonb_each(p_value) as m)
    when 'array' then (
      select coalesce(jsonb_agg(jobforge.redacted(e.value) order by e.ordinality), '[]')
      from jsonb_array_elements(p_value) with ordinality as e)
    else p_value
  end;
end
$$;
comment on function jobforge.redacted(jsonb) is
  'The same without the values of members that could hold payloads, errors or secrets.';

create function jobforge.audit_digest(p_entry public.jobforge_audit_log, p_salt bytea)
returns bytea
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return sha256(p_salt || convert_to(jsonb_build_array(
    p_entry.subject, p_entry.tenant_id, p_entry.target, p_entry.detail)::text, 'UTF8'));
end
$$;
comment on function jobforge.audit_digest(public.jobforge_audit_log, bytea) is
  'Commits to the erasable part of an entry. Without the salt nobody can try out subjects.';

create function jobforge.audit(p_action text, p_tenant_id uuid, p_target text, p_detail jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_salt constant bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  v_detail jsonb := jobforge.redacted(p_detail);
  v_entry public.jobforge_audit_log;
begin
  if octet_length(v_detail::text) > 8192 then
    v_detail := '{"omitted": "more than 8192 bytes"}';
  end if;
  insert into public.jobforge_audit_log (at, role, subject, tenant_id, action, target, detail)
  values (jobforge.clock(), jobforge.caller_role(), jobforge.claims() ->> 'sub',
    p_tenant_id, p_action, p_target, v_detail)
  returning * into v_entry;
  insert into jobforge.audit_seals (entry_id, salt, digest)
  values (v_entry.id, v_salt, jobforge.audit_digest(v_entry, v_salt));
end
$$;
comment on function jobforge.audit(text, uuid, text, jsonb) is
  'Records who changed what. Detail is redacted: it never holds payloads or secrets.';

create function jobforge.audit_change(
  p_action text, p_tenant_id uuid, p_target text, p_before jsonb, p_after jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_keys constant text[] := (
    select array_agg(k) from (
      select jsonb_object_keys(coalesce(p_before, '{}')) as k
      union select jsonb_object_keys(coalesce(p_after, '{}'))) as named
    where p_before -> k is distinct from p_after -> k);
begin
  perform jobforge.audit(p_action, p_tenant_id, p_target, jsonb_build_object(
    'before', (select jsonb_object_agg(m.key, m.value) from jsonb_each(p_before) as m
      where m.key = any (v_keys)),
    'after', (select jsonb_object_agg(m.key, m.value) from jsonb_each(p_after) as m
      where m.key = any (v_keys))));
end
$$;
comment on function jobforge.audit_change(text, uuid, text, jsonb, jsonb) is
  'Records what differs between two states of a thing; null stands for: it did not exist.';
