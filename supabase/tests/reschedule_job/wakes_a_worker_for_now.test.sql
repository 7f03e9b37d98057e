begin;
select plan(2);

select tests.freeze();
select tests.enqueue('job', '{"run_at": "2030-06-01T00:00:00Z"}');
select tests.commit();
select tests.setup();
select jobforge_reschedule_job(tests.id('job'), '2030-05-01 00:00+00', tests.tenant('acme'));
select tests.commit();
select is(tests.call_count(), 0, 'not for later');
select jobforge_reschedule_job(tests.id('job'), jobforge.clock(), tests.tenant('acme'));
select tests.commit();
select is(tests.call_count(), 1, 'a call at commit');

select * from finish();
rollback;
