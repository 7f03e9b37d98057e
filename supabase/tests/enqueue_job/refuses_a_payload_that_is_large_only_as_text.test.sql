begin;
select plan(6);

-- A few hundred bytes that print as megabytes.
-- A tenant with a queue, whose jobs take the short path.
select tests.known('acme');
select tests.as_member('acme');
select cmp_ok(
  pg_column_size(jsonb_build_object('n', array_fill('1e131071'::numeric, '{50}'))), '<', 2000,
  'the payload is small as it is stored');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => jsonb_build_object('n', array_fill('1e131071'::numeric, '{50}'))) $$,
  'payload_too_large', 'it counts as it prints');
select cmp_ok(pg_column_size(payload::jsonb), '<', 64, payload || ' is smaller still')
from unnest(array['{"a": 1e131071, "b": 1e131071}', '[1e131071, 1e131071]']) as payload;
select tests.refuses(format(
  'select jobforge_enqueue_job(p_type => %L, p_payload => %L)', 'test.job', payload),
  'payload_too_large', 'and counts as it prints')
from unnest(array['{"a": 1e131071, "b": 1e131071}', '[1e131071, 1e131071]']) as payload;

select * from finish();
rollback;
