begin;
select plan(12);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
create function tests.fails(p_times int, p_apart interval)
returns text
language plpgsql
as $$
begin
  for v_time in 1..p_times loop
    perform tests.answer('orders', tests.newest('orders'), 503);
    perform tests.advance(p_apart);
  end loop;
  return (select status from jobforge_list_destinations(tests.tenant('acme')));
end
$$;
select is(tests.fails(9, '20 minutes'), 'failing', 'nine failures in three hours');
select tests.answer('orders', tests.newest('orders'), 204);
select results_eq(
  'select status, failures, failing_since from jobforge_list_destinations(tests.tenant(''acme''))',
  $$ values ('active', 0, null::timestamptz) $$, 'a success ends them');
select is(tests.fails(30, '1 minute'), 'failing', 'thirty in half an hour');
select is(tests.fails(30, '1 minute'), 'failing', 'sixty in 59 minutes');
select is(tests.fails(1, '0'), 'paused', 'the 61st, an hour after the first');
select results_eq(
  'select reason, failures from jobforge_list_destinations(tests.tenant(''acme''))',
  $$ values ('61 attempts failed in a row since 2030-01-01T03:00Z, the last with http_503', 61) $$,
  'with the reason');
select is((tests.destination_state('orders')).probe_job_id, tests.newest('orders'),
  'the job that failed is the probe');
select is((tests.destination_state('orders')).check_at, jobforge.clock() + interval '5 minutes',
  'and maintenance looks after it');
select is(tests.fails(1, '0'), 'paused', 'a probe that fails changes nothing');
select tests.answer('orders', tests.newest('orders'), null, 'egress_timeout');
select results_eq('select attempts, response_status, error from tests.deliveries(''orders'')',
  $$ values (73, null::int, 'egress_timeout') $$, 'each attempt is recorded');
select tests.answer('orders', tests.newest('orders'), 200);
select results_eq(
  'select status, failures, reason from jobforge_list_destinations(tests.tenant(''acme''))',
  $$ values ('active', 0, null::text) $$, 'one that arrives resumes the destination');
select results_eq(
  $$ select action, target, role from jobforge_audit_log
    where tenant_id = tests.tenant('acme') and action like '%destination' order by id $$,
  $$ values ('pause_destination', 'orders', 'postgres'),
    ('resume_destination', 'orders', 'postgres') $$, 'both are audited');

select * from finish();
rollback;
