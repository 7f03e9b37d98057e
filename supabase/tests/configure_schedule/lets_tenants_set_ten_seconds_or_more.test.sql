begin;
select plan(3);

select tests.as_member('acme');
select tests.refuses($$ select tests.schedule('often', '{"expression": "9 seconds"}') $$,
  'invalid_argument', 'less');
select lives_ok(
  $$ select tests.schedule('often', '{"expression": "10 seconds"}') $$,
  'as often as the dispatcher runs');
select tests.refuses($$ select jobforge_configure_schedule(p_name => 'often',
  p_settings => '{"expression": "1 second"}') $$, 'invalid_argument', 'nor later');

select * from finish();
rollback;
