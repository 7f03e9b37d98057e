begin;
select plan(2);

select is(tests.finding('extensions'), 'true: pg_cron and pg_net are enabled',
  'when both are there');
create or replace function jobforge.missing_extensions()
returns text[] language sql stable set search_path = pg_catalog, pg_temp
as $$ select array['pg_net'] $$;
select is(tests.finding('extensions'), 'false: missing: pg_net', 'when one is not');

select * from finish();
rollback;
