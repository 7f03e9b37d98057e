begin;
select plan(2);

select tests.freeze();
select tests.schedule('nightly', '{"catch_up": "once"}');
select tests.occur('nightly', '2030-01-01 03:00+00');
select tests.advance('10 days');
select tests.run_cron();
select tests.advance('1 minute');
select results_eq($$
  select (a ->> 'resume')::timestamptz, a -> 'windows'
  from jsonb_array_elements(jobforge_fill_calendar()) as a
  where (a ->> 'id')::uuid = (tests.scheduled('nightly')).id
$$, $$ values ('2030-01-11 00:00+00'::timestamptz, '[
    {"after": "2030-01-11T00:00", "count": 64},
    {"after": "2030-01-01T03:00", "count": 1}]'::jsonb) $$,
  'the worker is asked for one of the past, and on from now');
select tests.occur('nightly', '2030-01-02 03:00+00', '2030-01-11 03:00+00');
select tests.run_cron();
select is((tests.scheduled('nightly')).next_at, '2030-01-11 03:00+00', 'and it is up to date');

select * from finish();
rollback;
