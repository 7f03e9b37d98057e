begin;
select plan(1);

select jobforge_configure_queue(tests.tenant('acme'));
select tests.freeze();
select tests.fill('acme', 60);
select tests.advance('1 second');
select tests.enqueue('poison', '{}', 'globex');
select tests.quarantine_ready();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select tests.start_run();
select results_eq(
  'select tests.claim()', array['poison'], 'sixty in a paused queue do not hide it');

select * from finish();
rollback;
