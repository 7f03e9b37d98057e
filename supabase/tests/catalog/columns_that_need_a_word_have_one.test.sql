begin;
select plan(27);

select isnt(col_description(relation::regclass, (
    select a.attnum from pg_attribute as a
    where a.attrelid = relation::regclass and a.attname = col)),
  null, format('%s.%s', relation, col))
from (values
  ('public.jobforge_queues', 'weight'),
  ('public.jobforge_queues', 'rate_limit'),
  ('jobforge.queues', 'vtime'),
  ('jobforge.queues', 'claimed'),
  ('jobforge.queues', 'runnable'),
  ('jobforge.queues', 'wake_at'),
  ('jobforge.queues', 'tat'),
  ('jobforge.queues', 'cursor_at'),
  ('public.jobforge_jobs', 'priority'),
  ('public.jobforge_jobs', 'status'),
  ('jobforge.jobs', 'attempts_before_retry'),
  ('jobforge.jobs', 'lease_expiries'),
  ('jobforge.leases', 'token'),
  ('public.jobforge_audit_log', 'erasure_id'),
  ('public.jobforge_schedules', 'expression'),
  ('public.jobforge_schedules', 'overlap'),
  ('public.jobforge_schedules', 'catch_up'),
  ('public.jobforge_schedules', 'problem'),
  ('public.jobforge_schedules', 'refill_at'),
  ('public.jobforge_schedules', 'fan_out_at'),
  ('jobforge.erasures', 'alias_id'),
  ('jobforge.settings', 'retention_unsuccessful_days'),
  ('public.jobforge_connector_configs', 'id'),
  ('public.jobforge_connector_configs', 'secret_refs'),
  ('jobforge.secrets', 'vault_id'),
  ('jobforge.runs', 'idle_at'),
  ('jobforge.runs', 'polled_at')) as c (relation, col);

select * from finish();
rollback;
