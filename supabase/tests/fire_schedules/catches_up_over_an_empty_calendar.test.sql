begin;
select plan(2);

select tests.freeze();
select tests.schedule('nightly', '{"catch_up": "once"}');
select tests.occur('nightly', '2030-01-01 03:00+00');
select tests.advance('10 days');
select jobforge_dispatch();
select tests.advance('1 minute');
select results_eq($$
  select (a ->> 'after')::timestamptz, (a ->> 'resume')::timestamptz, a -> 'count', a -> 'missed'
  from jsonb_array_elements(jobforge_fill_calendar()) as a
  where (a ->> 'id')::uuid = (tests.scheduled('nightly')).id
$$, $$ values ('2030-01-01 03:00+00'::timestamptz, '2030-01-11 00:00+00'::timestamptz, '64'::jsonb,
    '1'::jsonb) $$,
  'the worker is asked for one of the past, and on from now');
select tests.occur('nightly', '2030-01-02 03:00+00', '2030-01-11 03:00+00');
select jobforge_dispatch();
select is((tests.scheduled('nightly')).next_at, '2030-01-11 03:00+00', 'and it is up to date');

select * from finish();
rollback;
