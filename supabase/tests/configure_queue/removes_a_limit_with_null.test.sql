begin;
select plan(1);

select jobforge_configure_queue(tests.tenant('acme'), 'default',
  '{"max_running": 3, "max_queued": 4, "rate_limit": 5}');
select results_eq(
  $$ select max_running::int, max_queued::int, rate_limit::int from jobforge_configure_queue(
    tests.tenant('acme'), 'default',
    '{"max_running": null, "max_queued": null, "rate_limit": null}') $$,
  $$ values (null::int, null::int, null::int) $$, 'null means no limit');

select * from finish();
rollback;
