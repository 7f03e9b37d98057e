begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select jobforge.note_task('seal_audit', clock_timestamp(), 0, '57014: canceled')
from generate_series(1, 2);
select tests.evaluate_alerts();
select is_empty('select tests.open_alerts()', 'twice may be chance');
select jobforge.note_task('seal_audit', clock_timestamp(), 0, '57014: canceled');
select tests.evaluate_alerts();
select results_eq('select rule, subject, message from jobforge_alerts()',
  $$ values ('maintenance_failing', 'task seal_audit',
    'task seal_audit failed 3 times in a row: 57014: canceled') $$, 'three times is not');
select jobforge.note_task('seal_audit', clock_timestamp(), 0, null);
select tests.evaluate_alerts(3);
select is_empty('select tests.open_alerts()', 'a success ends it');
select is(
  (select task ->> 'failures' from jsonb_array_elements(jobforge_metrics() -> 'maintenance') as task
    where task ->> 'task' = 'seal_audit'), '0', 'the metrics show it as well');

select * from finish();
rollback;
