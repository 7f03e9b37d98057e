begin;
select plan(8);

select tests.freeze();
select tests.destination('orders');
create temp table sent (what text, job_id uuid);
create function tests.sent(p_what text)
returns void
language plpgsql
as $$
begin
  perform tests.publish(p_what);
  insert into sent select p_what, tests.newest('orders');
end
$$;
select tests.sent(what) from unnest('{pending,delivered,failed,canceled,retried}'::text[]) as what;
select tests.end_job(job_id, case what when 'delivered' then 'succeeded' when 'failed' then 'dead'
  else what end) from sent where what in ('delivered', 'failed', 'canceled');
select tests.answer('orders', job_id, 503) from sent where what = 'retried';
select jobforge_cancel_job(job_id, tests.tenant('acme')) from sent where what = 'retried';
select results_eq('select event_type, status from tests.deliveries(''orders'')',
  $$ values ('retried', 'canceled'), ('canceled', 'canceled'), ('failed', 'failed'),
    ('delivered', 'delivered'), ('pending', 'pending') $$, 'newest first');
select results_eq(
  $$ select next_attempt_at from jobforge_list_deliveries(tests.tenant('acme'), 'orders')
    where status = 'pending' $$, 'select created_at from jobforge_jobs where status = ''queued''',
  'with the next attempt');
select is((select count(*)::int from jobforge_list_deliveries(tests.tenant('acme'), 'orders',
  (select job_id from sent where what = 'failed'), 1)), 1, 'a page');
select is((select event_type from jobforge_list_deliveries(tests.tenant('acme'), 'orders',
  (select job_id from sent where what = 'failed'), 1)), 'delivered', 'after the page before');
select tests.refuses(format('select * from jobforge_list_deliveries(%L, %L, null, %s)',
  tests.tenant('acme'), 'orders', number), 'invalid_argument', number || ' deliveries')
from unnest('{0,101}'::int[]) as number;
select tests.as_member('globex');
select tests.refuses(format('select * from jobforge_list_deliveries(%L, %L)',
  tests.tenant('acme'), 'orders'), 'forbidden', 'for another tenant');
select tests.refuses($$ select * from jobforge_list_deliveries(p_destination => 'orders') $$,
  'not_found', 'nor by its name');

select * from finish();
rollback;
