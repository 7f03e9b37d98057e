begin;
select plan(2);

select tests.freeze('2030-01-01 00:00:00.123456+00');
select tests.as_member('acme');
select jobforge_enqueue_job(p_type => 'test.job');

select matches(
  (select id::text from jobforge_jobs), '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-',
  'version 7, RFC variant');
select is(
  (select ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint from jobforge_jobs),
  (extract(epoch from '2030-01-01 00:00:00.123+00'::timestamptz) * 1000)::bigint,
  'the first 48 bits are the time in milliseconds');

select * from finish();
rollback;
