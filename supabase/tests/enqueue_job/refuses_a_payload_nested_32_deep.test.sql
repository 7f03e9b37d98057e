begin;
select plan(5);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => (repeat('[', 32) || '1' || repeat(']', 32))::jsonb) $$,
  'payload_too_large', '32 arrays around a value');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => (repeat('{"a":', 32) || '1' || repeat('}', 32))::jsonb) $$,
  'payload_too_large', '32 objects around a value');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => (repeat('[', 6000) || repeat(']', 6000))::jsonb) $$,
  'payload_too_large', 'thousands of arrays');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => (repeat('[', 31) || '1' || repeat(']', 31))::jsonb) $$,
  '31 arrays are fine');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => (repeat('{"a":', 31) || '1' || repeat('}', 31))::jsonb) $$,
  '31 objects are fine');

select * from finish();
rollback;
