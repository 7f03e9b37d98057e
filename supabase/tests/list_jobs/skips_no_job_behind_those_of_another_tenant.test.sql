begin;
select plan(2);

-- A page reads a dozen jobs of each of 250 tenants. It ends where the first of them has more.
select tests.unused_project();
select tests.freeze();
select jobforge.make_queue(md5(n::text)::uuid, 'default') from generate_series(1, 248) as n;
select tests.enqueue('theirs behind', '{"type": "wanted"}', 'globex');
select tests.fill('globex', 20);
select tests.advance('1 millisecond');
select tests.enqueue('theirs', '{"type": "wanted"}', 'globex');
select tests.enqueue('behind', '{"type": "wanted"}');
select tests.fill('acme', 20);
create function pg_temp.pages() returns text language plpgsql as $$
declare
  v_page jsonb;
  v_from uuid;
  v_names text[] := '{}';
begin
  for v_n in 1..50 loop
    v_page := jobforge_list_jobs(null, '{"type": "wanted"}', v_from, 1);
    v_names := v_names || array(select tests.name((job ->> 'id')::uuid)
      from jsonb_array_elements(v_page -> 'jobs') as job);
    v_from := v_page ->> 'next';
    exit when v_from is null;
  end loop;
  return array_to_string(v_names, ', ');
end
$$;
select is(jobforge_list_jobs(null, '{"type": "wanted"}', null, 1) -> 'jobs', '[]',
  'the first page finds none');
select is(pg_temp.pages(), 'behind, theirs, theirs behind', 'all pages find each in its order');

select * from finish();
rollback;
