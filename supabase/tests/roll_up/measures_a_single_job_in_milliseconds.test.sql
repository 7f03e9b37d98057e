begin;
select plan(1);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue('job');
select tests.advance('1500 seconds');
select tests.claim();
select tests.advance('2500 seconds');
select tests.settle('job', 'succeeded');
select jobforge.roll_up(jobforge.clock());
select row_eq('select latency_ms, duration_ms from jobforge.type_totals',
  row(1500000::bigint, 2500000::bigint), 'from ready to start, and from start to end');

select * from finish();
rollback;
