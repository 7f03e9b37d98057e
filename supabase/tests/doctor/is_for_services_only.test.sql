begin;
select plan(5);

select tests.as_member('acme');
select throws_ok('select jobforge_doctor()', '42501', null, 'not for users');
select throws_ok('select jobforge_probe_worker()', '42501', null, 'nor is the probe');
select tests.as_anon();
select throws_ok('select jobforge_doctor()', '42501', null, 'not for anon');
select throws_ok('select jobforge_probe_worker()', '42501', null, 'nor is the probe');
select tests.as_service();
select lives_ok('select jobforge_doctor()', 'for services');

select * from finish();
rollback;
