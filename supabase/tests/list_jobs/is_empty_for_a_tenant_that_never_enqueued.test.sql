begin;
select plan(2);

select tests.as_member('initech');
select is(jobforge_list_jobs(p_filter => filter), '{"jobs": [], "next": null}',
  'an empty page for ' || filter::text)
from unnest(array['{"type": "test.job"}', '{}']::jsonb[]) as filter;

select * from finish();
rollback;
