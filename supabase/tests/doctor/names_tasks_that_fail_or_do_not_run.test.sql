begin;
select plan(7);

select tests.healthy_project();
select is(tests.finding('maintenance'), 'true: every task succeeded when it was due', 'none');
select jobforge.note_task('prune_runs', clock_timestamp(), 0, '57014: canceled')
from generate_series(1, 2);
select is(tests.finding('maintenance'),
  'false: prune_runs failed 2 times in a row: 57014: canceled', 'one that fails');
select jobforge.note_task('prune_runs', clock_timestamp(), 5, null);
select is(tests.finding('maintenance'), 'true: every task succeeded when it was due',
  'until it succeeds');
update jobforge.maintenance_tasks
set next_at = now() - interval '3 minutes', last_succeeded_at = now() - interval '200 seconds'
where name = 'seal_audit';
select matches(tests.finding('maintenance'),
  '^false: seal_audit last succeeded 20[0-9] seconds ago$', 'one that does not run');
update jobforge.maintenance_tasks set last_succeeded_at = null where name = 'seal_audit';
select is(tests.finding('maintenance'), 'false: seal_audit never succeeded', 'or never did');
delete from jobforge.maintenance_tasks where name = 'seal_audit';
select is(tests.finding('maintenance'),
  'false: seal_audit has no row: select jobforge.add_tasks();', 'one that is missing');
select from jobforge_setup('https://acme.supabase.co');
select tests.maintenance_ran();
select is(tests.finding('maintenance'), 'true: every task succeeded when it was due',
  'setup adds it again');

select * from finish();
rollback;
