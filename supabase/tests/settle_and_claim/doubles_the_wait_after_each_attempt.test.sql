begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select jobforge_start_run(
  p_types => '[{"type": "test.job", "backoff_base_ms": 1000, "backoff_cap_ms": 3600000}]');
select tests.enqueue('job');
create function pg_temp.waits_after_an_error(p_attempt text, p_least interval)
returns boolean
language plpgsql
as $$
declare
  v_wait interval;
begin
  perform tests.start_run(p_attempt);
  perform tests.claim(1, p_attempt);
  perform tests.settle('job', 'errored');
  v_wait := (tests.job('job')).run_at - jobforge.clock();
  perform tests.advance(v_wait);
  return v_wait between p_least and p_least * 2;
end
$$;
select ok(pg_temp.waits_after_an_error('first', '0.5 seconds'), 'the base');
select ok(pg_temp.waits_after_an_error('second', '1 second'), 'twice that');
select ok(pg_temp.waits_after_an_error('third', '2 seconds'), 'and again');

select * from finish();
rollback;
