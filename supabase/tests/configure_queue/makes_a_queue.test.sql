begin;
select plan(2);

select tests.as_service();
select results_eq(
  $$ select tenant_id, queue::text, weight::real, max_running::int, max_queued::int,
      rate_limit::int, paused
    from jobforge_configure_queue(tests.tenant('acme'), 'mail', '{"weight": 2.5}') $$,
  $$ values (tests.tenant('acme'), 'mail', 2.5::real, null::int, null::int, null::int, false) $$,
  'with what was said and defaults for the rest');
select tests.as_member('acme');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_queue => 'mail') $$, 'tenants can use it');

select * from finish();
rollback;
