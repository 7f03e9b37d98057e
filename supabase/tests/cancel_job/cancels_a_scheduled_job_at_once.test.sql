begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select tests.enqueue('job', '{"run_at": "2030-01-01T01:00:00Z"}');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select is(tests.status('job'), 'canceled', 'before its time');
select tests.advance('2 hours');
select is_empty('select tests.claim()', 'it never starts');

select * from finish();
rollback;
