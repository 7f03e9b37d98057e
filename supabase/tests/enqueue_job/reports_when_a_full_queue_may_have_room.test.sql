begin;
select plan(5);

create function pg_temp.hint_of(p_settings text, p_count int)
returns jsonb
language plpgsql
as $$
declare
  v_hint text;
begin
  perform jobforge_configure_queue(tests.tenant('acme'), 'default', p_settings::jsonb);
  perform tests.fill('acme', p_count);
  return null;
exception when sqlstate 'PT429' then
  get stacked diagnostics v_hint = pg_exception_hint;
  return v_hint::jsonb;
end
$$;

select tests.fill('acme', 3);
select is(
  pg_temp.hint_of('{"max_queued": 5}', 3),
  '{"limit": 5, "remaining": 2, "retry_after": 5, "held": 0}',
  'a few seconds, when nothing is known');
select is(
  pg_temp.hint_of('{"max_queued": 5, "rate_limit": 10, "rate_period_ms": 60000}', 12),
  '{"limit": 5, "remaining": 2, "retry_after": 60, "held": 0}',
  'by the rate: ten too many, ten a minute');
select is(
  pg_temp.hint_of('{"max_queued": 5, "rate_limit": 1, "rate_period_ms": 86400000}', 3),
  '{"limit": 5, "remaining": 2, "retry_after": 3600, "held": 0}', 'an hour at most');
select is(
  pg_temp.hint_of('{"max_queued": 2, "paused": true}', 1),
  '{"limit": 2, "remaining": 0, "retry_after": 60, "held": 0}', 'a minute for a paused queue');
select is(pg_temp.hint_of('{"max_queued": 5}', 2), null, 'nothing when they fit');

select * from finish();
rollback;
