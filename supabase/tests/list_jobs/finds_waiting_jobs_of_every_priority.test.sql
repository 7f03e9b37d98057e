begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_queue(tests.tenant('acme'), 'mail');
select tests.enqueue(format('%s %s', queue, priority),
  jsonb_build_object('queue', queue, 'priority', priority))
from (values ('default', 5), ('default', -5), ('default', 0), ('mail', 3), ('mail', 9))
  as made (queue, priority);
create function pg_temp.waiting(p_tenant text, p_filter jsonb, p_limit int) returns text
language plpgsql as $$
declare
  v_page jsonb;
  v_from uuid;
  v_names text[] := '{}';
begin
  for v_n in 1..20 loop
    v_page := jobforge_list_jobs(
      tests.tenant(p_tenant), p_filter || '{"status": "queued"}', v_from, p_limit);
    v_names := v_names || array(select coalesce(tests.name((job ->> 'id')::uuid), 'new')
      from jsonb_array_elements(v_page -> 'jobs') with ordinality as jobs (job, place)
      order by place);
    v_from := v_page ->> 'next';
    exit when v_from is null;
  end loop;
  return array_to_string(v_names, ', ');
end
$$;
select is(pg_temp.waiting('acme', '{}', 2), 'mail 9, mail 3, default 0, default -5, default 5',
  'the newest first, of any priority');
select is(pg_temp.waiting('acme', '{"queue": "mail"}', 1), 'mail 9, mail 3', 'of one queue');
-- The first jobs of a tenant, whose queue is not made yet.
select jobforge_enqueue_job(tests.tenant('hooli'), 'test.job') from generate_series(1, 3);
select is(pg_temp.waiting('hooli', '{}', 1), 'new, new, new', 'the first jobs of a tenant, once');
select is(pg_temp.waiting('hooli', '{"queue": "default"}', 5), 'new, new, new',
  'also by the queue that they will be in');

select * from finish();
rollback;
