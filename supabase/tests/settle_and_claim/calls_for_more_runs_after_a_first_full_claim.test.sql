begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
select tests.setup(9);
select tests.start_run('worker', 2);
select tests.fill('acme', 500);
delete from jobforge.runs where state = 'pending';
create function pg_temp.calls(p_limit int, p_run text default 'worker') returns bigint
language plpgsql
as $$
declare
  v_before constant bigint := (select count(*) from jobforge.runs where state = 'pending');
begin
  perform tests.advance('2 seconds');
  perform jobforge_settle_and_claim(tests.run_id(p_run), p_limit => p_limit);
  return (select count(*) from jobforge.runs where state = 'pending') - v_before;
end
$$;
select is(pg_temp.calls(0), 0::bigint, 'a run that asks for no job');
select cmp_ok(pg_temp.calls(1), '>', 0::bigint, 'a first claim that brings all it asked for');
delete from jobforge.runs where state = 'pending';
select is(pg_temp.calls(1), 0::bigint, 'a second one is no news');
select tests.start_run('second', 600);
select tests.advance('2 seconds');
select is(pg_temp.calls(600, 'second'), 0::bigint, 'nor is one that brings fewer');
select tests.fill('acme', 500, jsonb_build_object('payload', repeat('x', 1000)));
delete from jobforge.runs where state = 'pending';
select tests.start_run('third', 9);
select tests.advance('2 seconds');
select jobforge_settle_and_claim(tests.run_id('third'), p_limit => 9, p_max_bytes => 5000);
select cmp_ok((select count(*) from jobforge.runs where state = 'pending'), '>', 0::bigint,
  'but one that is full by its bytes');
select is((tests.run('third')).held < 9, true, 'before it has all jobs it asked for');

select * from finish();
rollback;
