begin;
select plan(4);

select tests.freeze();
select tests.setup();
select tests.schedule('never', '{"expression": "0 0 30 2 *"}');
select jobforge_fill_calendar(jsonb_build_array(jsonb_build_object('id', id, 'version', version,
  'times', '[]'::jsonb))) from tests.scheduled('never');
select is(
  (tests.scheduled('never')).problem, 'the expression has no next occurrence',
  'its problem is stored');
select is(jobforge_fill_calendar(), '[]', 'and no occurrences are requested');
select tests.advance('1 hour');
select jobforge_dispatch();
select is(tests.call_count(), 1, 'nor is the worker called again');
select jobforge_configure_schedule(tests.tenant('acme'), 'never', '{"expression": "0 0 28 2 *"}');
select is((tests.scheduled('never')).problem, null, 'until it is changed');

select * from finish();
rollback;
