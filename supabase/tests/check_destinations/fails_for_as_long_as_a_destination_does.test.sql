begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select tests.destination('orders', '{"event_types": ["a"]}');
select tests.destination('other', '{"event_types": ["b"]}', 'globex');
select tests.publish('a');
select tests.publish('b', p_tenant => 'globex');
update jobforge.webhook_deliveries set held = true;
update jobforge.destination_states set check_at = jobforge.clock()
  - case when tenant_id = tests.tenant('acme') then interval '1 second' else '0' end;
create or replace function jobforge.deliveries_again(
  p_config public.jobforge_connector_configs, p_message_ids uuid[])
returns jobforge.new_delivery[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_config.name = 'orders' then
    raise exception 'broken';
  end if;
  return array(select row(p_config.id, p_config.name, id, null)::jobforge.new_delivery
    from unnest(p_message_ids) as id);
end
$$;
set local client_min_messages = error;
select jobforge.perform_task('check_destinations');
select set_eq($$ select status from tests.deliveries('other', 'globex') $$,
  '{pending,resent}'::text[], 'one destination that fails stops no other');
select is((select last_error from jobforge.maintenance_tasks where name = 'check_destinations'),
  format('destination %s: P0001: broken', (tests.destination_state('orders')).destination_id),
  'its error is that of the task');
select tests.advance('10 seconds');
select jobforge.perform_task('check_destinations');
select matches((select problem from jobforge.task_states(jobforge.clock())
  where name = 'check_destinations'), 'failed 2 times in a row: destination',
  'in each turn, so the doctor shows it');
select is((select next_at < jobforge.clock() + interval '10 seconds'
    from jobforge.maintenance_tasks where name = 'check_destinations'), true,
  'and the task is due as ever');
select is((select status from tests.deliveries('orders')), 'held', 'the message is still held');
create or replace function jobforge.deliveries_again(
  p_config public.jobforge_connector_configs, p_message_ids uuid[])
returns jobforge.new_delivery[]
language sql stable
as $$ select '{}'::jobforge.new_delivery[] $$;
select tests.advance('10 seconds');
select jobforge.perform_task('check_destinations');
select is((select failures from jobforge.maintenance_tasks where name = 'check_destinations'), 0,
  'until it is well again');
select isnt((select status from tests.deliveries('orders')), 'held', 'then it is sent');

select * from finish();
rollback;
