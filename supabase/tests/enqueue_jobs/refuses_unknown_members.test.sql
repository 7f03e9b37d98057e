begin;
select plan(6);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_jobs(p_jobs => '[{"type": "test.job", "prority": 1}]') $$,
  'invalid_argument', 'a member with a typing mistake');
select tests.refuses(
  format('select jobforge_enqueue_jobs(p_jobs => %L)',
    jsonb_build_array('{"type": "test.job"}'::jsonb || member::jsonb)),
  'invalid_argument', member)
from unnest(array[
  '{"tenant_id": "6c84fb90-12c4-11e1-840d-7b25c5ee775a"}',
  '{"id": "6c84fb90-12c4-11e1-840d-7b25c5ee775a"}',
  '{"status": "succeeded"}',
  '{"attempts": 3}',
  '{"": 1}']) as member;

select * from finish();
rollback;
