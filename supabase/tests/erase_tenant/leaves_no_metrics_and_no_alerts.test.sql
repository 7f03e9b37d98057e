begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_alert('no_successful_run', '{"enabled": false}');
select tests.pager();
select jobforge_configure_alert(
  'delivery', jsonb_build_object('tenant_id', tests.tenant('hooli')));
select tests.start_run();
select tests.fill('acme', 3);
select tests.claim(2);
select tests.settle_all('succeeded');
select tests.evaluate_alerts(20);
select is((select count(*) from jobforge.metrics_by_minute where queue_id > 0), 1::bigint,
  'there are minutes');
select tests.start_run('pager');
select tests.claim(2, 'pager');
select tests.settle_all('succeeded', 'pager');
create function pg_temp.notifications()
returns setof uuid
language sql
as $$
  select id from jobforge_jobs where payload::text like '%' || tests.tenant('acme') || '%'
$$;
select isnt_empty('select pg_temp.notifications()', 'a notification names the tenant');

select tests.erase('acme');
select is_empty('select from jobforge.metrics_by_minute as m where m.queue_id > 0 and not exists (
  select from jobforge.queues as q where q.id = m.queue_id)', 'its minutes are gone');
select is_empty('select from jobforge.alerts', 'its alerts');
select is_empty('select pg_temp.notifications()', 'and their notifications');
select tests.erase('hooli');
select is(
  (select alert_tenant_id from jobforge.settings), null, 'alerts have no recipient any more');

select * from finish();
rollback;
