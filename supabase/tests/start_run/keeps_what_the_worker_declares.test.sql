begin;
select plan(1);

select jobforge_start_run(p_types => '[
  {"type": "a", "max_attempts": 3, "timeout_ms": 1000, "backoff_base_ms": 10, "backoff_cap_ms": 20},
  {"type": "b"}]');
select jobforge_start_run(p_types => '[{"type": "a", "max_attempts": 4, "timeout_ms": 1000}]');
select results_eq(
  'select type, max_attempts, timeout_ms, backoff_base_ms, backoff_cap_ms
    from jobforge.job_types order by type',
  $$ values ('a', 4, 1000, 2000, 3600000), ('b', 5, 60000, 2000, 3600000) $$,
  'the last declaration counts; what it leaves out has its default');

select * from finish();
rollback;
