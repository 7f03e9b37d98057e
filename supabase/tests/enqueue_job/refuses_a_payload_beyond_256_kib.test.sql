begin;
select plan(3);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => jsonb_build_object('text', repeat('x', 300000))) $$,
  'payload_too_large', '300 kB');
-- {"text": "…"} has 12 bytes around the text.
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => jsonb_build_object('text', repeat('x', 262144 - 12 + 1))) $$,
  'payload_too_large', 'one byte too many');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job',
    p_payload => jsonb_build_object('text', repeat('x', 262144 - 12))) $$,
  'exactly 256 KiB are fine');

select * from finish();
rollback;
