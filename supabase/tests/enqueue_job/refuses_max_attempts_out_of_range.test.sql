begin;
select plan(5);

select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_enqueue_job(p_type => %L, p_max_attempts => %s)', 'test.job', a),
  'invalid_argument', format('%s attempts', a))
from unnest('{-1,0,1001}'::int[]) as a;
select lives_ok(
  format('select jobforge_enqueue_job(p_type => %L, p_max_attempts => %s)', 'test.job', a),
  format('%s is inside', a))
from unnest('{1,1000}'::int[]) as a;

select * from finish();
rollback;
