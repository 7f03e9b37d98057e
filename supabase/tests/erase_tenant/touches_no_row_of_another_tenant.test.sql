begin;
select plan(2);

select tests.furnish('acme', 'globex');
select jobforge_configure_queue(tests.tenant(tenant), 'mail', '{"max_queued": 9}')
from unnest('{acme,globex}'::text[]) as tenant;
insert into jobforge.wakeups (queue_id) select id from jobforge.queues;
insert into jobforge.parked_queues (queue_id) select id from jobforge.queues;
insert into jobforge.enqueue_volumes (queue_id, enqueued, at) select id, 1, now()
from jobforge.queues on conflict do nothing;
insert into jobforge.queue_faults (queue_id, at, sqlstate, message) select id, now(), '22012', ''
from jobforge.queues;
insert into jobforge.metrics_by_minute
select id, now(), 'test.job', 1, 1, 0, 0, 0, 0, '{}', 0, '{}', 0
from jobforge.queues on conflict do nothing;
insert into jobforge.alerts
  (rule, subject, tenant_id, severity, message, value, threshold, opened_at, seen_at)
select 'queue_waiting', tenant_id || '/' || queue, tenant_id, 'info', '', 1, 1, now(), now()
from jobforge.queues;
insert into jobforge.cancel_requests (tenant_id, job_id, requested_at)
select tenant_id, id, now() from jobforge.jobs;
insert into jobforge.job_progress (tenant_id, job_id, progress)
select tenant_id, id, '1' from jobforge.jobs;
insert into jobforge.webhook_refusals
select id, now(), tenant_id, 1 from jobforge_connector_configs;

create temp table queues_of_globex as
select id from jobforge.queues where tenant_id = tests.tenant('globex');
create function pg_temp.rows_of_globex() returns setof text language plpgsql as $$
declare
  v_table record;
begin
  for v_table in
    select c.oid::regclass as name, bool_or(a.attname = 'tenant_id') as has_tenant
    from pg_class as c join pg_attribute as a on a.attrelid = c.oid
    where c.relkind = 'r' and a.attname in ('tenant_id', 'queue_id') and not a.attisdropped
      and (c.relnamespace = 'jobforge'::regnamespace
        or c.relnamespace = 'public'::regnamespace and c.relname like 'jobforge\_%')
    group by c.oid
  loop
    return query execute format('select %L || to_jsonb(t)::text from %s as t where %s',
      v_table.name || ' ', v_table.name,
      case when v_table.has_tenant then 'tenant_id = tests.tenant(''globex'')'
        else 'queue_id in (select id from queues_of_globex)' end);
  end loop;
end
$$;
create temp table before as select pg_temp.rows_of_globex() as row;
select is(tests.erase('acme') ->> 'state', 'finished', 'one tenant is erased');
select bag_eq('select pg_temp.rows_of_globex()', 'select row from before',
  format('the other has its %s rows', (select count(*) from before)));

select * from finish();
rollback;
