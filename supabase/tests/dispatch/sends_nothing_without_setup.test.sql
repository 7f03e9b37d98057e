begin;
select plan(2);

select tests.unused_project();
update jobforge.settings set project_url = null;
select tests.fill('acme', 10);
select tests.commit();
select is(jobforge_dispatch(), 0, 'there is no worker to call');
select is((select count(*) from jobforge.runs), 0::bigint, 'no run is made');

select * from finish();
rollback;
