begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one');
select tests.freeze('2030-03-31 00:00+00');
select tests.evaluate_alerts();
select is_empty('select tests.open_alerts()', '89 days');
select tests.freeze('2030-04-01 00:00+00');
select tests.evaluate_alerts();
select set_eq('select tests.open_alerts()', '{secret_old acme}'::text[], '90 days');
select jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'two', 86400);
select tests.evaluate_alerts(3);
select is_empty('select tests.open_alerts()', 'a new version ends it');

select * from finish();
rollback;
