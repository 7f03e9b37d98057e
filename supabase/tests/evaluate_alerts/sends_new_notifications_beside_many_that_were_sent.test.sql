begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.pager();
update jobforge.settings set alert_tenant_id = tests.tenant('hooli'), alert_destination = 'default';
insert into jobforge.alerts (rule, subject, severity, message, value, threshold, opened_at, seen_at,
  closed_at, notified_at, recovery_notified_at)
select 'runs_lost', 'closed ' || n, 'info', '', 1, 1, now(), now(), jobforge.clock(), now(), now()
from generate_series(1, 20) as n;
insert into jobforge.alerts (rule, subject, severity, message, value, threshold, opened_at, seen_at,
  closed_at, notified_at)
values ('runs_lost', 'open', 'info', '', 1, 1, now(), now(), null, null),
  ('runs_lost', 'recovered', 'info', '', 1, 1, now(), now(), jobforge.clock(), now()),
  ('runs_lost', 'long ago', 'info', '', 1, 1, now(), now(), jobforge.clock() - interval '1 day',
    now()),
  ('runs_lost', 'unsent', 'info', '', 1, 1, now(), now(), jobforge.clock(), null);
select jobforge.send_notifications(jobforge.clock());
select bag_eq($$ select payload #>> '{data,subject}' as subject, payload ->> 'event_type' as event
    from jobforge_jobs where type = 'connector.webhook.deliver' $$,
  $$ values ('open', 'jobforge.alert.opened'), ('recovered', 'jobforge.alert.closed') $$,
  'an opening and a closing');
select set_eq($$ select subject from jobforge.alerts
    where jobforge.clock() in (notified_at, recovery_notified_at) $$,
  '{open,recovered}'::text[], 'which are noted');
select jobforge.send_notifications(jobforge.clock());
select is((select count(*)::int from jobforge_jobs), 2, 'once');

select * from finish();
rollback;
