begin;
select plan(2);

select tests.unused_project();
insert into jobforge.alerts (rule, subject, severity, message, value, threshold, opened_at, seen_at,
  closed_at)
select rule, subject, 'info', '', 1, 1, now(), now(), closed_at
from (values ('runs_lost', 'a', null), ('runs_lost', 'b', null), ('runs_lost', 'c', now()),
  ('jobs_failing', 'a', now())) as a (rule, subject, closed_at);
create temp table counted as select jobforge_metrics() -> 'alerts' as alerts;
select is(alerts -> 'runs_lost', '2', 'two are open, and one was closed') from counted;
select is((select sum(value::int)::int from counted, jsonb_each_text(alerts)), 2,
  'no other rule has any');

select * from finish();
rollback;
