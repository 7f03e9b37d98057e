begin;
select plan(5);

select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_enqueue_job(p_type => %L, p_priority => %s)', 'test.job', p),
  'invalid_argument', format('priority %s', p))
from unnest('{-101,101,2147483647}'::int[]) as p;
select lives_ok(
  format('select jobforge_enqueue_job(p_type => %L, p_priority => %s)', 'test.job', p),
  format('%s is inside', p))
from unnest('{-100,100}'::int[]) as p;

select * from finish();
rollback;
