-- Where a job lies: one narrow row in one of these tables, or in the ids of a lease.
--
-- Each row has the place of the body (its ctid) as a hint. A reader compares the id and looks up by
-- key what it does not find there, because VACUUM FULL and a restore move bodies.

create table jobforge.ready (
  queue_id int not null,
  bytes int not null,
  priority smallint not null,
  id uuid not null,
  tenant_id uuid not null,
  place tid not null,
  constraint ready_pkey primary key (queue_id, priority, id)
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.ready is
  'Queued jobs, in the order of their start. A claim deletes them.';
comment on column jobforge.ready.bytes is
  'Bytes of the payload as text, so that a claim measures its reply without reading the body.';

create table jobforge.scheduled (
  queue_id int not null,
  bytes int not null,
  run_at timestamptz not null,
  id uuid not null,
  tenant_id uuid not null,
  priority smallint not null,
  quarantined boolean not null default false,
  place tid not null,
  constraint scheduled_pkey primary key (queue_id, run_at, id)
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
create index scheduled_id_idx on jobforge.scheduled (queue_id, id);
comment on table jobforge.scheduled is 'Jobs that wait for run_at.';

create table jobforge.quarantined (
  queue_id int not null,
  priority smallint not null,
  id uuid not null,
  tenant_id uuid not null,
  place tid not null,
  constraint quarantined_pkey primary key (queue_id, priority, id)
);
comment on table jobforge.quarantined is
  'Queued jobs whose lease expired twice or more. A run claims one of them alone.';

create table jobforge.unclaimed (
  queue_id int not null,
  bytes int not null,
  priority smallint not null,
  id uuid not null,
  tenant_id uuid not null,
  place tid not null,
  type text not null,
  quarantined boolean not null default false,
  constraint unclaimed_pkey primary key (queue_id, priority, id)
);
comment on table jobforge.unclaimed is
  'Queued jobs that the run which met them could not take. They wait for a run of their type.';
create index unclaimed_type_idx on jobforge.unclaimed (type);

create table jobforge.newcomers (
  tenant_id uuid not null,
  id uuid not null,
  bytes int not null,
  run_at timestamptz not null,
  scheduled boolean not null,
  constraint newcomers_pkey primary key (tenant_id, id)
);
comment on table jobforge.newcomers is
  'The first jobs of a tenant, until a claim or the dispatcher has made its default queue. So the '
  'first enqueues of a tenant do not wait for each other.';
comment on column jobforge.newcomers.scheduled is 'Whether it was to wait when it came here.';

create table jobforge.leases (
  run_id bigint not null,
  token bigint not null,
  queue_id int not null,
  tenant_id uuid not null,
  started_at timestamptz not null,
  alone boolean not null default false,
  ids uuid[] not null,
  places tid[] not null,
  constraint leases_pkey primary key (run_id, token)
) with (
  fillfactor = 60, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);
-- Compressing the arrays again at each report would cost more than it saves.
alter table jobforge.leases alter column ids set storage external,
  alter column places set storage external;
comment on table jobforge.leases is
  'The jobs that one claim of a run took from one queue. It ends with the lease of the run.';
comment on column jobforge.leases.token is
  'Fencing token of these attempts: an outcome counts only with it.';
comment on column jobforge.leases.alone is 'Whether its job is quarantined.';
create index leases_queue_idx on jobforge.leases (queue_id);
create sequence jobforge.lease_tokens;
