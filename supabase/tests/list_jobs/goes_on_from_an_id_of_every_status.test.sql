begin;
select plan(9);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
select tests.enqueue(tenant || ' failed ' || n, '{}', tenant)
from generate_series(1, 2) as n, unnest('{acme,globex}'::text[]) as tenant;
select tests.claim(9);
select tests.settle_all('failed');
select tests.enqueue(tenant || ' running ' || n, '{}', tenant)
from generate_series(1, 2) as n, unnest('{acme,globex}'::text[]) as tenant;
select tests.claim(9);
select tests.enqueue(tenant || ' queued ' || n, '{}', tenant)
from generate_series(1, 2) as n, unnest('{acme,globex}'::text[]) as tenant;
-- All pages of one job each, in their order.
create function pg_temp.pages(p_tenant text, p_filter jsonb, p_limit int) returns text
language plpgsql as $$
declare
  v_page jsonb;
  v_from uuid;
  v_names text[] := '{}';
begin
  for v_n in 1..20 loop
    v_page := jobforge_list_jobs(tests.tenant(p_tenant), p_filter, v_from, p_limit);
    v_names := v_names || array(select tests.name((job ->> 'id')::uuid)
      from jsonb_array_elements(v_page -> 'jobs') with ordinality as jobs (job, place)
      order by place);
    v_from := v_page ->> 'next';
    exit when v_from is null;
  end loop;
  return array_to_string(v_names, ', ');
end
$$;
select is(pg_temp.pages('acme', jsonb_build_object('status', status), 1),
  format('acme %s 2, acme %1$s 1', status), status || ' of one tenant, page by page')
from unnest('{failed,running,queued}'::text[]) as status;
select is(pg_temp.pages(null, jsonb_build_object('status', status), page),
  format('globex %s 2, acme %1$s 2, globex %1$s 1, acme %1$s 1', status),
  format('%s of all tenants, %s a page', status, page))
from unnest('{failed,running,queued}'::text[]) as status, unnest('{1,50}'::int[]) as page;

select * from finish();
rollback;
