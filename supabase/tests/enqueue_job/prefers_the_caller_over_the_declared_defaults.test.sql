begin;
select plan(2);

select jobforge_start_run(
  p_types => '[{"type": "slow.job", "max_attempts": 9, "timeout_ms": 1234}]');
select tests.enqueue('said', '{"type": "slow.job", "max_attempts": 2, "timeout_ms": 777}');

select is((tests.job('said')).max_attempts, 2, 'attempts as the caller said');
select is((tests.job('said')).timeout_ms, 777, 'timeout as the caller said');

select * from finish();
rollback;
