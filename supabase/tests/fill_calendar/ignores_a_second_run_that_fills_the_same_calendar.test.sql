begin;
select plan(4);

select tests.freeze();
select tests.schedule('nightly');
create temp table listed as
  select (jobforge_fill_calendar() -> 0) || '{"times": ["2030-01-01T03:00", "2030-01-02T03:00"]}'
    as filled;
select jobforge_fill_calendar(jsonb_build_array(filled)) from listed, generate_series(1, 2);
select is((tests.scheduled('nightly')).problem, null, 'the second run finds no problem');
select is((tests.scheduled('nightly')).next_at, '2030-01-01 03:00+00', 'the calendar is as filled');
select jobforge_fill_calendar(jsonb_build_array(filled - 'times')) from listed;
select is((tests.scheduled('nightly')).problem, null, 'nor does one that found nothing');
select tests.advance('2 days');
select is(jsonb_array_length(jobforge_fill_calendar()), 1, 'and it is requested when it runs low');

select * from finish();
rollback;
