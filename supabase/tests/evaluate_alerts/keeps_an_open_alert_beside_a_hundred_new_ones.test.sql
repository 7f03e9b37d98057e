begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
create function pg_temp.refused(p_from int, p_to int, p_count int) returns void language sql as $$
  insert into jobforge.webhook_refusals
  select md5(n::text)::uuid, jobforge.clock(), tests.tenant('acme'), p_count
  from generate_series(p_from, p_to) as n
$$;
create function pg_temp.alert(p_n int) returns jobforge.alerts language sql
return (select alerts from jobforge.alerts
  where rule = 'signatures_refused' and subject = 'endpoint ' || md5(p_n::text)::uuid);
select pg_temp.refused(0, 0, 20);
-- Open alerts of another rule about the same subjects, and a closed one of this rule, are others.
insert into jobforge.alerts (rule, subject, severity, message, value, threshold, opened_at, seen_at,
  closed_at)
select rule, 'endpoint ' || md5(n::text)::uuid, 'info', '', 1, 1, now(), now(), closed_at
from (values ('jobs_failing', 50, null), ('signatures_refused', 51, now()))
  as other (rule, n, closed_at);
select tests.evaluate_alerts();
select is((pg_temp.alert(0)).opened_at, jobforge.clock(), 'an alert opens at the threshold');
select pg_temp.refused(1, 100, 50);
select tests.evaluate_alerts();
select is((pg_temp.alert(0)).seen_at, jobforge.clock(), 'it stays although a hundred are higher');
select is((pg_temp.alert(0)).clear_count, 0, 'and is not about to close');
select is((select count(*)::int from jobforge.alerts
    where rule = 'signatures_refused' and closed_at is null), 100, 'of which 99 open');
select results_eq('select id from jobforge_alerts(null)',
  'select id from jobforge.alerts order by id desc', 'the newest come first');
select is((select count(*)::int from jobforge_alerts(false)), 1, 'and closed ones if asked for');
select results_eq('select value, clear_count from jobforge_alerts(false) as listed
    join jobforge.alerts using (id, value)', 'values (1::float8, 0)', 'which stay as they closed');

select * from finish();
rollback;
