begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.setup(2);
select tests.start_run(name, 1) from unnest('{a,b}'::text[]) as name;
select tests.fill('acme', 5);
select tests.claim(1, name) from unnest('{a,b}'::text[]) as name;
select is(jobforge.has_room(jobforge.clock()), true, 'full, but no further run may start');
select tests.fill('globex', 1);
select tests.commit();
select is(tests.call_count(), 0, 'so no worker is called');
update jobforge.settings set project_url = null;
delete from jobforge.runs;
select is(jobforge.has_room(jobforge.clock()), true, 'nor is one when there is none to call');

select * from finish();
rollback;
