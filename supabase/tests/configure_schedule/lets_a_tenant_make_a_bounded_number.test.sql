begin;
select plan(4);

update jobforge.settings set max_schedules = 2 where id;
select tests.as_member('acme');
select tests.schedule('one');
select tests.schedule('two');
select tests.refuses($$ select tests.schedule('three') $$, 'too_many_schedules', 'not a third');
select lives_ok(
  $$ select jobforge_configure_schedule(p_name => 'two', p_settings => '{"paused": true}') $$,
  'changing one is not making one');
select tests.as_member('globex');
select lives_ok(
  $$ select tests.schedule('other', '{}', 'globex') $$, 'others have their own number');
select tests.as_owner();
select lives_ok($$ select tests.schedule('three') $$, 'operators are not bound');

select * from finish();
rollback;
