begin;
select plan(2);

-- A few hundred bytes that print as megabytes.
select tests.as_member('acme');
select cmp_ok(
  pg_column_size(jsonb_build_object('n', array_fill('1e131071'::numeric, '{50}'))), '<', 2000,
  'the payload is small as it is stored');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => jsonb_build_object('n', array_fill('1e131071'::numeric, '{50}'))) $$,
  'payload_too_large', 'it counts as it prints');

select * from finish();
rollback;
