begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.pager('pager');
select jobforge_configure_alert('delivery',
  jsonb_build_object('tenant_id', tests.tenant('hooli'), 'destination', 'pager'));
insert into jobforge.alerts
  (rule, subject, severity, message, value, threshold, opened_at, seen_at)
select 'queue_waiting', 'subject ' || n, 'warning', 'waits', 1, 1, jobforge.clock(),
  jobforge.clock()
from generate_series(1, 50) as n;
-- A user of that tenant uses the keys of the first 22 for other jobs.
select jobforge_enqueue_job(tests.tenant('hooli'), 'connector.webhook.deliver',
  p_idempotency_key => format('jobforge alert %s opened', id))
from (select id from jobforge.alerts order by id limit 22) as first;
select matches(jobforge.evaluate_alerts(jobforge.clock()), '^notifications: PT422:',
  'the error is returned');
select is((select count(*)::int from jobforge_jobs where payload ? 'event_type'), 20,
  '20 of the others are sent');
select is((select count(*)::int from jobforge.alerts where notified_at is not null), 20,
  'and those alone are stored as sent');

select * from finish();
rollback;
