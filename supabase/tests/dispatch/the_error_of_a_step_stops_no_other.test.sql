begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select tests.setup(4);
select tests.fill('acme', 1);
select tests.commit();
delete from jobforge.runs;
select jobforge.promote(jobforge.clock());
create or replace function jobforge.promote(p_now timestamptz)
returns void language plpgsql set search_path = pg_catalog, pg_temp
as $$ begin raise exception E'broken\nin two lines'; end $$;
set local client_min_messages = error;
select tests.start_run('lost');
select tests.advance('46 seconds');
select is(jobforge_dispatch(), 1, 'a worker is called');
select is((tests.run('lost')).state, 'lost', 'the lost run is reclaimed');
select is(
  (select last_error from jobforge.maintenance_tasks where name = 'dispatch'),
  'promote P0001: broken in two lines', 'the error is kept in one line');
select alike(tests.finding('maintenance'), '%dispatch failed 1 times in a row: promote P0001%',
  'and the doctor shows it');
create or replace function jobforge.promote(p_now timestamptz)
returns void language plpgsql set search_path = pg_catalog, pg_temp
as $$ begin return; end $$;
select jobforge_dispatch();
select is((select failures from jobforge.maintenance_tasks where name = 'dispatch'), 0,
  'until a dispatch succeeds');

select * from finish();
rollback;
