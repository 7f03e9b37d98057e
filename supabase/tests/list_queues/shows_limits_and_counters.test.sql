begin;
select plan(3);

select tests.unused_project();
select tests.bring('job', 'running');
select tests.enqueue('waits');
select results_eq(
  $$ select queue, queued, running, paused from jobforge_list_queues(tests.tenant('acme')) $$,
  $$ values ('bring-running', 0::bigint, 1::bigint, false), ('default', 1, 0, false) $$, 'exactly');
select is((select queue from jobforge_list_queues(p_limit => 1)), 'bring-running', 'a page');
select is((select queue from jobforge_list_queues(p_limit => 1, p_after_id => (
  select id from jobforge_list_queues(p_limit => 1)))), 'default', 'and the next one');

select * from finish();
rollback;
