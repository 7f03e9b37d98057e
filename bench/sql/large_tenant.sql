-- The run that holds many jobs is not the one that the calls are made for, and none is lost meanwhile.

update jobforge.leases set run_id = (select max(r.id) from jobforge.runs as r)
where cardinality(leases.ids) > 10;
update jobforge.settings set lease_seconds = 3600, max_runs = 4;
update jobforge.runs set lease_expires_at = now() + interval '1 hour' where state = 'live';

-- Deliveries of the first tenant to its destination, one for each of 100,000 finished jobs.

with finished as materialized (
  select j.id, row_number() over (order by j.id)::int as n from jobforge.jobs as j
  where j.tenant_id = bench.tenant(1) and j.status = 'succeeded'
  order by j.id
  limit 100000
),
message as (
  insert into jobforge.webhook_messages (tenant_id, id, event_type, data, created_at)
  select bench.tenant(1), finished.id, 'order.paid', bench.payload(), now() from finished
)
insert into jobforge.webhook_deliveries (tenant_id, destination_id, job_id, message_id, attempts,
  response_status, last_attempt_at, delivered_at)
select bench.tenant(1), c.id, finished.id, finished.id, 1, 200, now(), now()
from finished cross join public.jobforge_connector_configs as c
where c.tenant_id = bench.tenant(1) and c.name = 'orders';
