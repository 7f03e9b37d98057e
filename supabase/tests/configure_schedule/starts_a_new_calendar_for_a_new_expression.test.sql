begin;
select plan(5);

select tests.freeze();
select tests.schedule('nightly');
select tests.occur('nightly', '2030-01-01 03:00+00', '2030-01-02 03:00+00');
select jobforge_configure_schedule(tests.tenant('acme'), 'nightly', '{"priority": 3}');
select is((tests.scheduled('nightly')).next_at, '2030-01-01 03:00+00', 'another setting keeps it');
create temp table old as select version from tests.scheduled('nightly');
select jobforge_configure_schedule(tests.tenant('acme'), 'nightly', '{"expression": "0 4 * * *"}');
select is((tests.scheduled('nightly')).next_at, null, 'another expression does not');
select is_empty('select from jobforge.occurrences', 'the old occurrences are gone');
select is(
  (select jsonb_path_query_array(jobforge_fill_calendar(), '$[*].expression')),
  '["0 4 * * *"]', 'and the worker is asked for new ones');
select jobforge_fill_calendar(jsonb_build_array(jsonb_build_object(
  'id', (tests.scheduled('nightly')).id, 'version', version, 'times',
  '["2030-01-01T03:00"]'::jsonb))) from old;
select is_empty('select from jobforge.occurrences', 'what still comes for the old one is too late');

select * from finish();
rollback;
