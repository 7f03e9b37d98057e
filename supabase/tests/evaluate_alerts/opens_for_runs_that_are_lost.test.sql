begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.start_run(name) from unnest('{a,b,c}'::text[]) as name;
select tests.advance('50 seconds');
select jobforge_dispatch();
select tests.evaluate_alerts();
select set_eq('select tests.open_alerts()', '{runs_lost}'::text[], 'three of them');
select tests.evaluate_alerts(14);
select is_empty('select tests.open_alerts()', 'ten minutes later it is over');

select * from finish();
rollback;
