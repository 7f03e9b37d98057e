begin;
select plan(13);

select tests.unused_project();
select tests.freeze();
create function pg_temp.read(p_rule text, p_after interval default '0') returns text language sql
as $$
  select string_agg(format('%s %s', coalesce(substring(subject from '^(?:task )?[a-z_]+'),
      tests.tenant_name(tenant_id)), round(value::numeric, 2)), ', ' order by value)
  from jobforge.readings((select rules from jobforge.alert_rules as rules where rule = p_rule),
    jobforge.clock() + p_after)
$$;
update jobforge.alert_rules set threshold = 30 where rule = 'secret_old';
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'a value of 32 characters or more 1');
select matches(pg_temp.read('secret_old', '30 days'), ' 30.00$', 'a secret of thirty days');
select is(pg_temp.read('secret_old', '29 days 23:59:59'), null, 'is none before');
select jobforge_revoke_secret(tests.tenant('acme'), 'hook');
select is(pg_temp.read('secret_old', '30 days'), null, 'nor is one that was revoked');

-- Work for which one start is left.
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select tests.fill('acme', 1);
select jobforge.promote(jobforge.clock());
select is(pg_temp.read('no_successful_run', '120 seconds'), 'worker 120.00', 'one start is left');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 0}');
select jobforge.promote(jobforge.clock());
select is(pg_temp.read('no_successful_run', '120 seconds'), null, 'none');

insert into jobforge.runs (state, created_at, ended_at)
select 'lost', now(), jobforge.clock() - ago
from unnest('{600 seconds,599.999 seconds,0}'::interval[]) as ago;
select is(pg_temp.read('runs_lost'), 'worker 2.00', 'runs lost less than ten minutes ago');
insert into jobforge.webhook_refusals
select md5(ago::text)::uuid, jobforge.clock() - ago, tests.tenant('acme'), 7
from unnest('{600 seconds,601 seconds}'::interval[]) as ago;
select is(pg_temp.read('signatures_refused'), 'endpoint 7.00', 'refusals of the last ten minutes');

update jobforge.alert_rules set minimum = 4 where rule = 'jobs_failing';
insert into jobforge.metrics_by_minute
select queue_id, jobforge.clock() - ago, type, 4, succeeded, failed, dead, 0, 0, '{}', 0, '{}', 0
from (values (0, interval '600 seconds', 'enough', 2, 1, 1), (0, '601 seconds', 'enough', 9, 0, 0),
  (0, '0', 'few', 0, 2, 1), (1, '0', 'one_queue', 0, 9, 9)) as m
  (queue_id, ago, type, succeeded, failed, dead);
select is(pg_temp.read('jobs_failing'), 'enough 0.50', 'of all queues, and enough of them');

select tests.schedule('late', '{"expression": "3600 seconds"}');
select tests.schedule('empty');
create function pg_temp.set(p_late interval, p_empty interval) returns text language plpgsql as $$
begin
  update jobforge_schedules
  set next_at = case when name = 'late' then jobforge.clock() - p_late end,
    refill_at = jobforge.clock() - p_empty;
  return pg_temp.read('schedule_missed');
end
$$;
select is(pg_temp.set('120 seconds', '120 seconds'), null, 'two minutes are not late');
select is(pg_temp.set('121 seconds', '120 seconds'), 'schedule 121.00', 'one is late');
select is(pg_temp.set('120 seconds', '122 seconds'), 'schedule 122.00', 'and one has no calendar');
select tests.destination('orders');
update jobforge.destination_states set paused_at = jobforge.clock(), paused_by = 'gone',
  paused_reason = 'gone';
select is(pg_temp.read('destination_paused'), 'destination 1.00', 'a destination was just paused');
select is(pg_temp.read('destination_paused', '2 hours'), 'destination 3.00', 'for two hours');

select * from finish();
rollback;
