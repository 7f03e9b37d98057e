-- Erasures of tenants.
--
-- An erasure closes the tenant first. Its queues get an alias as their tenant, so that enqueues
-- find none. New rows for the tenant are rejected. Then it deletes in batches until no row has the
-- tenant's ID. Its certificate stays.

create table jobforge.erasures (
  id bigint generated always as identity primary key,
  tenant_hash bytea not null,
  tenant_id uuid,
  alias_id uuid,
  started_at timestamptz not null,
  finished_at timestamptz,
  readmitted_at timestamptz,
  counts jsonb not null default '{}',
  audit_digest text,
  certificate_hash text,
  closed boolean not null default false,
  horizon xid8,
  constraint tenant_known_until_finished check (
    (finished_at is null) = (tenant_id is not null)
    and (finished_at is null) = (alias_id is not null)),
  constraint certificate_when_finished check ((finished_at is null) = (certificate_hash is null)),
  constraint readmitted_after_finished check (readmitted_at is null or finished_at is not null)
);
comment on table jobforge.erasures is
  'An erasure of a tenant: its progress, then its certificate. A finished erasure has only a hash '
  'of the tenant''s ID.';
comment on column jobforge.erasures.alias_id is
  'Replaces the tenant''s ID in its queues, so that no enqueue finds them.';
comment on column jobforge.erasures.closed is
  'All queues of the tenant have the alias, so no new transaction creates rows for it.';
comment on column jobforge.erasures.horizon is
  'Once every transaction before it has ended, no other can create rows for the tenant.';
create unique index erasures_closed_idx on jobforge.erasures (tenant_hash)
  where readmitted_at is null;
create index erasures_unfinished_idx on jobforge.erasures (id) where finished_at is null;

create function jobforge.tenant_hash(p_tenant_id uuid)
returns bytea
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select sha256(convert_to('jobforge erased tenant ' || p_tenant_id, 'UTF8')) $$;
comment on function jobforge.tenant_hash(uuid) is
  'Returns the hash that identifies an erased tenant. A random ID cannot be computed from it.';

create function jobforge.refuse_erased(p_tenant_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The transaction has its number before it looks. So an erasure that it does not see yet waits
  -- for its end before it finishes.
  if pg_current_xact_id() is not null and exists (
    select from jobforge.erasures
    where tenant_hash = jobforge.tenant_hash(p_tenant_id) and readmitted_at is null)
  then
    perform jobforge.fail('tenant_erased', 'the tenant was erased: an operator can readmit it');
  end if;
end
$$;
comment on function jobforge.refuse_erased(uuid) is
  'Throws tenant_erased for a tenant that was or is being erased. Called before a row is created '
  'for a tenant.';

create function jobforge.erasure_certificate(p_erasure jobforge.erasures)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('erasure', p_erasure.id,
    'tenant_hash', encode(p_erasure.tenant_hash, 'hex'),
    'started_at', to_char(
      p_erasure.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'finished_at', to_char(
      p_erasure.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'counts', p_erasure.counts, 'audit_digest', p_erasure.audit_digest)
$$;
comment on function jobforge.erasure_certificate(jobforge.erasures) is
  'Returns the certificate of a finished erasure. certificate_hash is the SHA-256 of its text.';

create function jobforge.erased_entries_digest(p_erasure_id bigint)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(coalesce(string_agg(
    int8send(jobforge_audit_log.id) || audit_seals.digest, ''::bytea
    order by jobforge_audit_log.id), ''::bytea)), 'hex')
  from public.jobforge_audit_log
  join jobforge.audit_seals on audit_seals.entry_id = jobforge_audit_log.id
  where jobforge_audit_log.erasure_id = p_erasure_id
$$;
comment on function jobforge.erased_entries_digest(bigint) is
  'Returns a digest of the audit entries from which an erasure removed the tenant.';
