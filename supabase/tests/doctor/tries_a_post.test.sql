begin;
select plan(5);

select tests.unused_project();
select is(tests.finding('post'), 'false: ' || jobforge.url_hint(), 'before setup');
select tests.setup();
create temp table queued as select count(*) as n from net.http_request_queue;
select is(tests.finding('post'), 'true: pg_net accepts requests', 'through pg_net');
select is((select count(*) from net.http_request_queue), (select n from queued),
  'and sends nothing');
create or replace function jobforge.try_post(p_url text, p_body jsonb)
returns jobforge.posted language plpgsql set search_path = pg_catalog, pg_temp
as $$ begin return row(null::bigint, '42501: permission denied'::text); end $$;
select is(tests.finding('post'), 'false: net.http_post failed with 42501: permission denied',
  'it returns what it got');
select lives_ok('select jobforge_probe_worker()', 'a probe does not fail');

select * from finish();
rollback;
