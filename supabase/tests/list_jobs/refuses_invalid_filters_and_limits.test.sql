begin;
select plan(6);

select tests.refuses(call, 'invalid_argument')
from unnest(array[
  $$select jobforge_list_jobs(p_filter => '[]')$$,
  $$select jobforge_list_jobs(p_filter => '{"payload": "x"}')$$,
  $$select jobforge_list_jobs(p_filter => '{"status": "lost"}')$$,
  $$select jobforge_list_jobs(p_filter => '{"created_after": "never"}')$$,
  $$select jobforge_list_jobs(p_limit => 0)$$,
  $$select jobforge_list_jobs(p_limit => 201)$$]) as call;

select * from finish();
rollback;
