begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'hooks');
create temp table made as select tests.endpoint(p_config => '{"queue": "hooks"}') as id;
grant select on made to public;
select tests.as_service();
create temp table answer as
  select jobforge_receive_webhook(id, 'evt_1', '{"endpoint": "default", "body": {"a": 1}}',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')::jsonb as got
  from made;
select results_eq(
  $$ select tests.tenant_name(tenant_id), id::text, queue, type, payload, status, traceparent
    from jobforge_jobs $$,
  $$ select 'acme', got ->> 'job_id', 'hooks', 'stripe.event',
      '{"endpoint": "default", "body": {"a": 1}}'::jsonb, 'queued',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' from answer $$,
  'a job of the endpoint''s tenant, type and queue');
select is(got -> 'duplicate', 'false', 'the first') from answer;
select tests.as_owner();
select results_eq(
  $$ select tests.tenant_name(tenant_id), config_id, replay_key, job_id::text, received_at,
    expires_at
    from jobforge_received_webhooks $$,
  $$ select 'acme', id, 'evt_1', got ->> 'job_id', jobforge.clock(),
      jobforge.clock() + interval '7 days' from made, answer $$, 'and the webhook');

select * from finish();
rollback;
