begin;
select plan(4);

select is(jobforge_configure_alert('jobs_failing', '{"threshold": 0.5}') -> 'threshold', '0.5',
  'what is named');
select is(jobforge_configure_alert('jobs_failing', '{}') -> 'minimum', '20', 'and nothing else');
select is((select count(*) from jobforge_audit_log where action = 'configure_alert'), 1::bigint,
  'changes are audited');
select is((select detail #>> '{after,threshold}' from jobforge_audit_log
  where action = 'configure_alert' order by id limit 1), '0.5', 'with what was changed');

select * from finish();
rollback;
