begin;
select plan(19);

select isnt(jobforge.reason_text(reason, null), null, reason)
from unnest(array['canceling', 'lease_expiring', 'running', 'succeeded', 'failed', 'dead',
  'canceled', 'tenant_erasing', 'host_closed', 'queue_paused', 'queue_at_fault', 'scheduled',
  'queue_at_max_running', 'queue_rate_limited', 'quarantined', 'type_unknown_to_workers',
  'project_url_unknown', 'waiting_for_a_worker', 'waiting_its_turn']) as reason;

select * from finish();
rollback;
