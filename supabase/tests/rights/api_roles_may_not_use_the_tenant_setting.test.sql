begin;
select plan(3);

select tests.as_anon();
select tests.denies('select jobforge.session_tenant()', 'anon');
select tests.as_member('acme');
select tests.denies('select jobforge.session_tenant()', 'authenticated');
select tests.as_service();
select tests.denies('select jobforge.session_tenant()', 'service_role');

select * from finish();
rollback;
