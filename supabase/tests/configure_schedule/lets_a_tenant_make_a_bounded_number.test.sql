begin;
select plan(6);

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

create function pg_temp.locks() returns int language sql
return (select count(*)::int from pg_locks where locktype = 'advisory' and granted
  and pid = pg_backend_pid() and classid = 1246708307);
select is(pg_temp.locks(), 3, 'a slot is locked until the transaction of its user has ended');
delete from jobforge_schedules where id = (tests.scheduled('two')).id;
update jobforge_schedules set slot = 2 where id = (tests.scheduled('one')).id;
select tests.as_member('acme');
select tests.schedule('four');
select is((tests.scheduled('four')).slot, 1, 'a slot that is free again is taken');

select * from finish();
rollback;
