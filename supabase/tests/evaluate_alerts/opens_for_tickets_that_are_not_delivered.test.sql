begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.setup(2);
select tests.fill('acme', 200);
select jobforge_dispatch();
select tests.advance('70 seconds');
select jobforge_dispatch();
select tests.advance('70 seconds');
select is_empty('select tests.open_alerts()', 'two may be chance');
select jobforge_dispatch();
select tests.evaluate_alerts();
select set_has('select tests.open_alerts()', $$ values ('tickets_undelivered') $$, 'three are not');
select jobforge_cancel_jobs(tests.tenant('acme'), p_dry_run => false);
select tests.evaluate_alerts(14);
select is_empty('select tests.open_alerts()', 'ten minutes without one end it');

select * from finish();
rollback;
