begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_alert('queue_waiting', '{"threshold": 100}');
select jobforge_configure_alert('no_successful_run', '{"enabled": false}');
select tests.enqueue('job');
select tests.evaluate_alerts(2);
create temp table first as select * from jobforge_alerts();
select tests.evaluate_alerts(5);
select results_eq('select id, opened_at from jobforge_alerts()', 'select id, opened_at from first',
  'however long it lasts');
select cmp_ok((select value from jobforge_alerts()), '>', (select value from first),
  'its value is the last one seen');
select jobforge.evaluate_alerts(jobforge.clock());
select is((select count(*) from jobforge_alerts(null)), 1::bigint, 'also by a second dispatch');

select jobforge_reschedule_job(tests.id('job'), jobforge.clock() - interval '20 seconds',
  tests.tenant('acme'));
select tests.run_cron();
select tests.evaluate_alerts(1);
select is((select clear_count from jobforge.alerts where closed_at is null), 1,
  'a minute below the threshold does not resolve it');
select tests.evaluate_alerts(1);
select is((select clear_count from jobforge.alerts where closed_at is null), 0,
  'back at the threshold the count begins anew');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select tests.evaluate_alerts();
select jobforge.evaluate_alerts(jobforge.clock()) from generate_series(1, 3);
select isnt_empty('select from jobforge_alerts()', 'rules are evaluated once a minute');
select tests.evaluate_alerts(2);
select is((select closed_at from jobforge_alerts(false)), jobforge.clock(), 'then it closes');

select * from finish();
rollback;
