begin;
select plan(3);

select tests.freeze();
select tests.destination('orders');
create temp table lost as select tests.publish() as id;
select tests.end_job(job_id, 'dead') from tests.deliveries('orders');
select tests.publish(p_tenant => 'globex') from generate_series(1, 3);
create temp table page as
select * from tests.recover('orders', '2030-01-01 00:00:00+00', p_limit => 1);
select results_eq('select sent, next from page', 'select 1, id from lost', 'one was missed');
select results_eq(
  $$ select r.* from page, tests.recover('orders', '2030-01-01 00:00:00+00', page.next, 1) as r $$,
  'values (0, null::uuid)', 'those of another tenant take no place of a page');
select is((select count(*)::int from tests.deliveries('orders')), 2, 'it is sent again');

select * from finish();
rollback;
