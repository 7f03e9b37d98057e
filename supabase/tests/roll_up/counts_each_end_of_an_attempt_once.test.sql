begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue(name, '{"max_attempts": 1}') from unnest('{a,b,c,d,e}'::text[]) as name;
select tests.claim(5);
select tests.advance('200 milliseconds');
select tests.report(jsonb_build_array(
  tests.outcome('a', 'succeeded'), tests.outcome('b', 'succeeded'), tests.outcome('c', 'failed'),
  tests.outcome('d', 'errored'), tests.outcome('e', 'released')));
select is((select count(*) from jobforge.outcome_batches), 2::bigint,
  'a report leaves a batch of successes and one of the others');
select is(jobforge.roll_up(jobforge.clock()), 2, 'they are rolled up');
select is(jobforge.roll_up(jobforge.clock()), 0, 'once');
select row_eq(
  'select succeeded, failed, dead, canceled, retried, duration_ms from jobforge.type_totals',
  row(2::bigint, 1::bigint, 1::bigint, 0::bigint, 0::bigint, 800::bigint),
  'what was handed back is not counted');

select * from finish();
rollback;
