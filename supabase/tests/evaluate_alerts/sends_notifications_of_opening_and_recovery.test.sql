begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_alert('no_successful_run', '{"enabled": false}');
select tests.pager('pager');
select tests.enqueue('job');
select tests.evaluate_alerts(16);
select is_empty($$ select from jobforge_jobs where type = 'connector.webhook.deliver' $$,
  'alerts have no recipient yet');
select jobforge_configure_alert('delivery',
  jsonb_build_object('tenant_id', tests.tenant('hooli'), 'destination', 'pager'));
select tests.evaluate_alerts(2);
create function pg_temp.notifications()
returns setof text
language sql
as $$
  select payload ->> 'event_type' || ' ' || (payload #>> '{data,rule}') from jobforge_jobs
  where tenant_id = tests.tenant('hooli')
$$;
select set_eq('select pg_temp.notifications()',
  $$ values ('jobforge.alert.opened queue_waiting') $$,
  'the operator''s destination gets a notification');
select is((select count(*) from pg_temp.notifications()), 1::bigint, 'once');
select isnt((select notified_at from jobforge_alerts()), null, 'and the time is stored');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select tests.evaluate_alerts(5);
select bag_eq('select pg_temp.notifications()', $$
  values ('jobforge.alert.opened queue_waiting'), ('jobforge.alert.closed queue_waiting')
$$, 'also of its end');
select is((
  select payload #>> '{data,tenant_id}' from jobforge_jobs
  where tenant_id = tests.tenant('hooli') limit 1),
  tests.tenant('acme')::text, 'and of whose it was');

select * from finish();
rollback;
