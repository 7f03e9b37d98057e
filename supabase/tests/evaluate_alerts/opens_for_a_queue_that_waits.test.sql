begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_alert('no_successful_run', '{"enabled": false}');
select tests.enqueue('job');
select tests.advance('14 minutes 30 seconds');
select jobforge.evaluate_alerts(jobforge.clock());
select is_empty('select tests.open_alerts()', 'not before the threshold');
select tests.evaluate_alerts();
select set_eq('select tests.open_alerts()', '{queue_waiting acme}'::text[], 'at the threshold');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.evaluate_alerts(2);
select set_eq('select tests.open_alerts()', '{queue_waiting acme}'::text[],
  'paused, it is clear, but not long enough');
select tests.evaluate_alerts();
select is_empty('select tests.open_alerts()', 'now it is');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": false}');
select tests.evaluate_alerts();
select is((select count(*) from jobforge_alerts(null)), 2::bigint, 'the next one is another alert');

select * from finish();
rollback;
