begin;
select plan(4);

select jobforge_start_run(
  p_types => '[{"type": "slow.job", "max_attempts": 9, "timeout_ms": 1234}]');
select tests.enqueue('declared', '{"type": "slow.job"}');
select tests.enqueue('undeclared', '{"type": "other.job"}');

select is((tests.job('declared')).max_attempts, 9, 'attempts as declared');
select is((tests.job('declared')).timeout_ms, 1234, 'timeout as declared');
select is((tests.job('undeclared')).max_attempts, 5, 'other types keep the general attempts');
select is((tests.job('undeclared')).timeout_ms, 60000, 'other types keep the general timeout');

select * from finish();
rollback;
