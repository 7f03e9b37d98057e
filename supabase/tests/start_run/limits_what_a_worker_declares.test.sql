begin;
select plan(1);

select jobforge_start_run(p_types => '[
  {"type": "a", "max_attempts": 0, "timeout_ms": 1, "backoff_base_ms": -1, "backoff_cap_ms": -1},
  {"type": "b", "max_attempts": 5000, "timeout_ms": 2000000000, "backoff_base_ms": 2000000000,
    "backoff_cap_ms": 2000000000}]');
select results_eq(
  'select type, max_attempts, timeout_ms, backoff_base_ms, backoff_cap_ms
    from jobforge.job_types order by type',
  $$ values ('a', 1, 100, 0, 0), ('b', 1000, 86400000, 86400000, 86400000) $$,
  'declarations stay within what jobs may have');

select * from finish();
rollback;
