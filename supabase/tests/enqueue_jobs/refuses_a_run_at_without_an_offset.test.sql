begin;
select plan(6);

select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_enqueue_jobs(p_jobs => %L)', jsonb_build_array(
    '{"type": "test.job"}'::jsonb, jsonb_build_object('type', 'test.job', 'run_at', run_at))),
  'invalid_argument', run_at,
  '^job 1: run_at must be a time with seconds and an offset, such as 2026-01-12T09:00:00Z$')
from unnest(array['01/12/2026', '2026-01-12T09:00:00', '2026-01-12', 'tomorrow', 'infinity',
  '2026-01-12T09:00:00 Europe/Berlin']) as run_at;

select * from finish();
rollback;
