begin;
select plan(2);

select tests.unused_project();
select jobforge_configure_queue(tests.tenant('acme'), 'mail', '{"weight": 2, "max_running": 5}');
select jobforge_configure_queue(tests.tenant('acme'), 'mail', '{"weight": 2, "max_running": null}');
select is(
  (select detail from jobforge_audit_log order by id desc limit 1),
  '{"before": {"max_running": 5}, "after": {"max_running": null}}', 'what changed, and no more');
select tests.bring('job', 'queued');
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select is(
  (select detail from jobforge_audit_log where action = 'cancel_job'),
  '{"from": "queued"}', 'a job''s status');

select * from finish();
rollback;
