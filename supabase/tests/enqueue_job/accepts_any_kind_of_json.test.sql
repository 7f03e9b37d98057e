begin;
select plan(7);

select tests.as_member('acme');
select lives_ok(
  format('select jobforge_enqueue_job(p_type => %L, p_payload => %L)', 'test.job', payload),
  payload)
from unnest(array['null', 'true', '1', '"text"', '[]', '{}']) as payload;
select is(
  (select count(*) from jobforge_jobs where payload in ('null', 'true', '1', '"text"', '[]', '{}')),
  6::bigint, 'each is kept as it is');

select * from finish();
rollback;
