begin;
select plan(10);

select tests.unused_project();
select tests.freeze();
select tests.setup();
select tests.schedule('nightly');
create function pg_temp.fill(p_more jsonb) returns jsonb language sql as $$
  select jobforge_fill_calendar(jsonb_build_array(jsonb_build_object(
    'id', id, 'version', version) || p_more)) from tests.scheduled('nightly')
$$;
select pg_temp.fill('{"problem": "the parser failed"}');
select is((tests.scheduled('nightly')).problem, 'the parser failed', 'its problem is stored');
select is(jobforge_fill_calendar(), '[]', 'it is not requested at once');
select is(
  tests.finding('schedules'),
  'false: 1 schedules are late or have no next occurrence, such as nightly', 'the doctor shows it');
select results_eq(
  $$ select subject, message from jobforge.readings(
    (select r from jobforge.alert_rules as r where rule = 'schedule_missed'), jobforge.clock()) $$,
  $$ select 'schedule ' || id, 'the calendar of schedule nightly is not filled: the parser failed'
    from tests.scheduled('nightly') $$, 'an alert fires');
create temp table made as select tests.call_count() as calls;
select tests.advance('1 hour');
select tests.run_cron();
select is(tests.call_count(), (select calls + 1 from made), 'it is requested again in an hour');
select pg_temp.fill('{"times": ["2030-99-99T00:00"]}');
select is(
  (tests.scheduled('nightly')).problem, 'the calendar failed with 22008', 'no error is silent');
select tests.occur('nightly', '2030-01-02 03:00+00');
select is((tests.scheduled('nightly')).problem, null, 'until it is filled');
select is((tests.scheduled('nightly')).next_at, '2030-01-02 03:00+00', 'and occurs again');
select pg_temp.fill('{"problem": "the parser failed"}');
select jobforge_configure_schedule(tests.tenant('acme'), 'nightly', settings::jsonb)
from unnest('{"{\"paused\": true}","{\"paused\": false}"}'::text[]) as settings;
select is((tests.scheduled('nightly')).problem, 'the parser failed', 'a pause solves no problem');
select jobforge_configure_schedule(tests.tenant('acme'), 'nightly', '{"expression": "0 4 * * *"}');
select is((tests.scheduled('nightly')).problem, null, 'another expression has none yet');

select * from finish();
rollback;
