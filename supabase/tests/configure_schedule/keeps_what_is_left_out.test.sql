begin;
select plan(2);

select tests.schedule('nightly', '{"priority": 5}');
select jobforge_configure_schedule(tests.tenant('acme'), 'nightly', '{"paused": true}');
select is((tests.scheduled('nightly')).paused, true, 'what is named changes');
select is((tests.scheduled('nightly')).priority, 5, 'the rest stays');

select * from finish();
rollback;
