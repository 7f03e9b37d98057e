begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.setup();
update jobforge.settings set max_runs = 1 where id;
select tests.schedule(name) from unnest('{a,b,c}'::text[]) as name;
select is(tests.call_count(), 1, 'three schedules make one call');
select tests.advance('2 seconds');
select tests.run_cron();
select is(tests.call_count(), 1, 'nor does the dispatcher make more');
select is(
  (select count(refill_requested_at) from jobforge_schedules), 0::bigint,
  'what was not requested is not put off');
select tests.advance('10 seconds');
select tests.run_cron();
select is(tests.call_count(), 2, 'it calls when a run may start');

select * from finish();
rollback;
