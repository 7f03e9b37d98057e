-- Alerts.
--
-- A rule reads a value for each subject. An alert is one subject above the threshold of a rule. It
-- opens once, and resolves after three minutes below the threshold.

create table jobforge.alert_rules (
  rule text primary key,
  enabled boolean not null default true,
  severity text not null,
  threshold double precision not null,
  window_seconds int not null default 600,
  minimum int not null default 0,
  constraint severity_is_known check (severity in ('info', 'warning', 'critical')),
  constraint threshold_positive check (threshold > 0),
  constraint window_in_range check (window_seconds between 60 and 86400),
  constraint minimum_not_negative check (minimum >= 0)
);
comment on table jobforge.alert_rules is 'An alert rule with its threshold and settings.';
comment on column jobforge.alert_rules.minimum is
  'A rule does not fire for fewer events than this within the window.';
insert into jobforge.alert_rules (rule, severity, threshold, window_seconds, minimum) values
  ('jobs_failing', 'warning', 0.2, 600, 20),
  ('queue_waiting', 'warning', 900, 600, 0),
  ('tickets_undelivered', 'critical', 3, 600, 0),
  ('no_successful_run', 'critical', 120, 600, 0),
  ('schedule_missed', 'warning', 120, 600, 0),
  ('signatures_refused', 'warning', 20, 600, 0),
  ('enqueue_volume', 'warning', 10, 600, 1000),
  ('secret_old', 'info', 90, 600, 0),
  ('destination_paused', 'warning', 1, 600, 0),
  ('runs_lost', 'warning', 3, 600, 0),
  ('maintenance_failing', 'warning', 3, 600, 0);

create table jobforge.alerts (
  id bigint generated always as identity primary key,
  rule text not null references jobforge.alert_rules (rule),
  subject text not null,
  tenant_id uuid,
  severity text not null,
  message text not null,
  value double precision not null,
  threshold double precision not null,
  opened_at timestamptz not null,
  seen_at timestamptz not null,
  closed_at timestamptz,
  clear_count int not null default 0,
  notified_at timestamptz,
  recovery_notified_at timestamptz
);
comment on table jobforge.alerts is
  'A subject above the threshold of a rule, from opening to closing.';
comment on column jobforge.alerts.clear_count is
  'Evaluations in a row below the threshold. The third one closes the alert.';
create unique index alerts_open_idx on jobforge.alerts (rule, subject) where closed_at is null;
create index alerts_closed_idx on jobforge.alerts (closed_at) where closed_at is not null;
create index alerts_tenant_idx on jobforge.alerts (tenant_id) where tenant_id is not null;
