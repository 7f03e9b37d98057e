begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.fill('acme', 19);
select tests.claim(100);
select tests.settle_all('failed');
select tests.evaluate_alerts();
select is_empty('select tests.open_alerts()', 'nineteen jobs are too few');

select tests.start_run('second');
select tests.fill('acme', 31);
select tests.claim(100, 'second');
select tests.settle_all('succeeded', 'second');
select tests.evaluate_alerts();
select set_eq($$
  select rule, subject, severity, round(value::numeric, 2), threshold from jobforge_alerts() $$,
  $$ values ('jobs_failing', '_other', 'warning', 0.38, 0.2::float8) $$,
  'a share of fifty is enough');
select is((select message from jobforge_alerts()), '19 of 50 jobs of type _other failed or died',
  'in words');
select tests.evaluate_alerts(13);
select is_empty('select tests.open_alerts()', 'until the window has passed');

select * from finish();
rollback;
