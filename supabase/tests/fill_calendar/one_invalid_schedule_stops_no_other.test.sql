begin;
select plan(3);

select tests.freeze();
select tests.schedule('gone', '{"time_zone": "Europe/Berlin"}');
select tests.schedule('sound');
update jobforge_schedules set time_zone = 'Mars/Olympus' where id = (tests.scheduled('gone')).id;
select is(
  jsonb_path_query_array(jobforge_fill_calendar(), '$[*].id'),
  jsonb_build_array((tests.scheduled('sound')).id), 'the others are requested');
select is(
  (tests.scheduled('gone')).problem, 'the time zone failed: 22023', 'its problem is stored');
select jobforge_fill_calendar(jsonb_agg(jsonb_build_object(
  'id', id, 'version', version, 'times', '["2030-01-01T03:00"]'::jsonb)))
from jobforge_schedules where id in (select id from tests.schedules);
select is((tests.scheduled('sound')).next_at, '2030-01-01 03:00+00', 'the others are filled');

select * from finish();
rollback;
