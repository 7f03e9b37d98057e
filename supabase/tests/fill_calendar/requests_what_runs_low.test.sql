begin;
select plan(4);

select tests.freeze();
select tests.schedule('nightly', '{"time_zone": "Europe/Berlin", "catch_up": "all"}');
select tests.schedule('often', '{"expression": "30 seconds"}');
select tests.schedule('paused', '{"paused": true}');
select is(jobforge_fill_calendar(), jsonb_build_array(jsonb_build_object(
    'id', (tests.scheduled('nightly')).id, 'version', 2, 'expression', '0 3 * * *',
    'resume', jobforge.clock(),
    'windows', '[{"after": "2030-01-01T01:00", "count": 64}]'::jsonb)), 'a new cron schedule');
select tests.occur('nightly', variadic array(
  select '2030-01-01 02:00+00'::timestamptz + n * interval '1 day'
  from generate_series(0, 63) as n));
select is(jobforge_fill_calendar(), '[]', 'a full one requests nothing');
select tests.advance('31 days');
select is(jobforge_fill_calendar(), '[]', 'until half of it has passed');
select tests.advance('1 day');
select is(jsonb_array_length(jobforge_fill_calendar()), 1, 'then it requests more');

select * from finish();
rollback;
