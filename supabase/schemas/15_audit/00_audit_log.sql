-- The audit log.
--
-- Each change writes an entry and a seal in its own transaction. The seal is a salted digest of
-- the entry. Maintenance chains the seals later, so no writer waits for another. Only the salted
-- digest covers personal data. An erasure deletes the data and the salt, and the chain stays valid.

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
  'A change made by a user or an operator: who, what, which tenant. Append-only.';
comment on column public.jobforge_audit_log.erasure_id is
  'The erasure that deleted subject, tenant, target and detail from this entry.';
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
  'For each audit entry its digest and, once sealed, its place and hash in the chain.';
create index audit_seals_unsealed_idx on jobforge.audit_seals (entry_id) where seq is null;

create function jobforge.redacted(p_value jsonb)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(p_value)
    when 'object' then (
      select coalesce(jsonb_object_agg(member.key, case
        when lower(member.key collate "C") ~ ('^(payload|result|error|last_error|progress|headers?|'
          'authorization|cookie|signature|secrets?|secret_refs?|value|token|ticket|lease_token|'
          'password|idempotency_key)$')
          and jsonb_typeof(member.value) not in ('null', 'boolean')
          and not (member.key = 'secret_refs' and jsonb_typeof(member.value) = 'number') -- a count
          then '"[redacted]"' else jobforge.redacted(member.value) end), '{}')
      from jsonb_each(p_value) as member)
    when 'array' then (
      select coalesce(jsonb_agg(jobforge.redacted(element.value) order by element.ordinality), '[]')
      from jsonb_array_elements(p_value) with ordinality as element)
    else p_value
  end;
end
$$;
comment on function jobforge.redacted(jsonb) is
  'A copy that redacts the values of members that could hold payloads, errors or secrets.';

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
  'A commitment to the erasable part of an entry. Without the salt, subjects cannot be guessed '
  'from it.';

create function jobforge.audit(p_action text, p_tenant_id uuid, p_target text, p_detail jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_salt constant bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  v_detail jsonb;
  v_entry public.jobforge_audit_log;
begin
  if jobforge.jsonb_fits(p_detail, 65536) then
    v_detail := jobforge.redacted(p_detail);
  end if;
  if p_detail is not null and jobforge.jsonb_fits(v_detail, 8192) is not true then
    v_detail := '{"omitted": "more than 8192 bytes"}';
  end if;
  insert into public.jobforge_audit_log (at, role, subject, tenant_id, action, target, detail)
  values (jobforge.clock(), jobforge.caller_role(), jobforge.subject(),
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
    select array_agg(named.key) from (
      select jsonb_object_keys(coalesce(p_before, '{}')) as key
      union select jsonb_object_keys(coalesce(p_after, '{}'))) as named
    where p_before -> named.key is distinct from p_after -> named.key);
begin
  perform jobforge.audit(p_action, p_tenant_id, p_target, jsonb_build_object(
    'before', (select jsonb_object_agg(member.key, member.value) from jsonb_each(p_before) as member
      where member.key = any (v_keys)),
    'after', (select jsonb_object_agg(member.key, member.value) from jsonb_each(p_after) as member
      where member.key = any (v_keys))));
end
$$;
comment on function jobforge.audit_change(text, uuid, text, jsonb, jsonb) is
  'Records the difference between two states of a thing. Null is the state of a missing thing.';
