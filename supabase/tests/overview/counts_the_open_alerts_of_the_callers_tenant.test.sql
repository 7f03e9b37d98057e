begin;
select plan(2);

select tests.unused_project();
insert into jobforge.alerts (rule, subject, tenant_id, severity, message, value, threshold,
  opened_at, seen_at)
select 'queue_waiting', subject, tests.tenant(tenant), 'warning', 'bad', 1, 1, now(), now()
from (values ('a', 'acme'), ('b', 'globex'), ('c', null)) as v (subject, tenant);
select is(jobforge_overview() -> 'open_alerts', '3', 'a service sees all');
select tests.as_member('acme');
select is(jobforge_overview() -> 'open_alerts', '1', 'a member those of the own tenant');

select * from finish();
rollback;
