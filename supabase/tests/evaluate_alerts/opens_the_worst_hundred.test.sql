begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
create or replace function jobforge.readings(p_rule jobforge.alert_rules, p_now timestamptz)
returns setof jobforge.reading
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row('subject ' || n, null, p_rule.threshold + n, 'is bad')::jobforge.reading
  from generate_series(1, 101) as n
$$;
select jobforge.evaluate_rule(alert_rules, jobforge.clock()) from jobforge.alert_rules
where rule = 'queue_waiting';
select is((select count(*) from jobforge.alerts), 100::bigint, 'no more than a hundred');
select is_empty($$ select from jobforge.alerts where subject = 'subject 1' $$,
  'without the least of them');

select * from finish();
rollback;
