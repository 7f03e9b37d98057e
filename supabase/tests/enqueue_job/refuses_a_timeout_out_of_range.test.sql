begin;
select plan(6);

select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_enqueue_job(p_type => %L, p_timeout_ms => %s)', 'test.job', t),
  'invalid_argument', format('%s ms', t))
from unnest('{-1,0,99,86400001}'::int[]) as t;
select lives_ok(
  format('select jobforge_enqueue_job(p_type => %L, p_timeout_ms => %s)', 'test.job', t),
  format('%s ms are inside', t))
from unnest('{100,86400000}'::int[]) as t;

select * from finish();
rollback;
