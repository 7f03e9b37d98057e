-- Three demo tenants. Their users carry the id in app_metadata.tenant_id.
-- acme has twice the share of the others; globex is capped; initech is limited in what may wait.
insert into public.jobforge_queues (tenant_id, queue, weight, max_running, max_queued) values
  ('11111111-1111-4111-8111-111111111111', 'default', 2, null, null),
  ('22222222-2222-4222-8222-222222222222', 'default', 1, 4, null),
  ('33333333-3333-4333-8333-333333333333', 'default', 1, null, 1000)
on conflict do nothing;
