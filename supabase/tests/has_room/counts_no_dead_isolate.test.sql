begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select tests.setup(4);
select tests.fill('acme', 12);
delete from jobforge.runs;
select tests.start_run(name, 5) from unnest('{a,b,c,d}'::text[]) as name;
select tests.claim(2, name) from unnest('{a,b,c,d}'::text[]) as name;
select is(jobforge.has_room(jobforge.clock()), true, 'four of four runs are live');
select tests.advance('7001 milliseconds');
select is(jobforge.has_room(jobforge.clock()), false, 'their isolates died, their leases go on');
select tests.fill('globex', 1);
select tests.commit();
select is(tests.call_count(), 1, 'an enqueue calls for another');
select is(jobforge_dispatch(), 0, 'that ticket counts');
select tests.advance('10 seconds');
select is(jobforge_dispatch(), 1, 'the dispatcher repeats the call');

select * from finish();
rollback;
