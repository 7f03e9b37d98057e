begin;
select plan(4);

select jobforge_configure_queue(tests.tenant('globex'), 'theirs');
select tests.refuses(
  format('select tests.endpoint(p_config => %L)', jsonb_build_object('queue', queue)), 'not_found',
  queue)
from unnest('{hooks,theirs}'::text[]) as queue;
select jobforge_configure_queue(tests.tenant('acme'), 'hooks');
select lives_ok($$ select tests.endpoint(p_config => '{"queue": "hooks"}') $$, 'a queue there is');
select lives_ok($$ select tests.endpoint(p_config => '{"queue": "default"}') $$,
  'default is always there');

select * from finish();
rollback;
