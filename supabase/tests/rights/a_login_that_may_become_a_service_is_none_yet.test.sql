begin;
select plan(3);

-- As the Data API's own login: it may set the role, and has no right of it before.
create role jobforge_tests_login noinherit;
grant jobforge_tests_login to current_user;
grant usage on schema extensions, jobforge to jobforge_tests_login;
grant execute on all functions in schema jobforge to jobforge_tests_login;
grant service_role to jobforge_tests_login;
select tests.act('jobforge_tests_login', '');
select is(jobforge.is_service(), false, 'it counts as no service');
select tests.refuses($$ select jobforge.dispatch() $$, 'forbidden', 'and may not act as one');
select tests.act('service_role', '');
select is(current_user, 'service_role', 'before it becomes one');

select * from finish();
rollback;
