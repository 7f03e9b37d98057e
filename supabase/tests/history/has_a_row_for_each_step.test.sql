begin;
select plan(4);

select tests.freeze('2030-01-01 10:00:30+00');
select tests.start_run();
select tests.fill('acme', 10);
select tests.claim(10);
select tests.advance('300 milliseconds');
select tests.settle_all('succeeded');
select tests.freeze('2030-01-01 10:06:30+00');
select tests.fill('globex', 1);
select tests.claim(1);
select tests.settle_all('failed');
select jobforge.roll_up(jobforge.clock());
select results_eq($$
  select at, started, succeeded, failed, duration_p50_ms, duration_p95_ms
  from jobforge_history('2030-01-01 09:55+00', '2030-01-01 10:10+00', 300)
$$, $$
  values ('2030-01-01 09:55+00'::timestamptz, 0::bigint, 0::bigint, 0::bigint, null::bigint,
      null::bigint),
    ('2030-01-01 10:00+00', 10, 10, 0, 375, 488), ('2030-01-01 10:05+00', 1, 0, 1, 2, 5)
$$, 'also where nothing happened');
select results_eq($$
  select started from jobforge_history(
    '2030-01-01 10:00+00', '2030-01-01 10:10+00', 600, tests.tenant('globex'))
$$, '{1}'::bigint[], 'of one tenant');
select results_eq($$
  select started from jobforge_history(
    '2030-01-01 10:00+00', '2030-01-01 10:10+00', 600, p_type => 'unheard.of')
$$, '{0}'::bigint[], 'of one type');
select results_eq($$
  select * from jobforge_history('2030-01-01 09:55+00', '2030-01-01 10:00+00', 300)
$$, $$ values ('2030-01-01 09:55+00'::timestamptz, 0::bigint, 0::bigint, 0::bigint, 0::bigint,
  0::bigint, 0::bigint, null::bigint, null::bigint, null::bigint, null::bigint) $$,
  'of zeros where nothing happened');

select * from finish();
rollback;
