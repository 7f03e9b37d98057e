begin;
select plan(1);

select tests.freeze();
select tests.schedule('nightly');
create temp table old as select id, version from tests.scheduled('nightly');
select jobforge_configure_schedule(tests.tenant('acme'), 'nightly', '{"expression": "0 4 * * *"}');
select jobforge_fill_calendar(jsonb_build_array(jsonb_build_object(
  'id', id, 'version', version, 'times', '["2030-01-01T03:00"]'::jsonb))) from old;
select is_empty('select from jobforge.occurrences', 'a version fences it');

select * from finish();
rollback;
