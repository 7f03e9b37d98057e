begin;
select plan(4);

select tests.freeze('2030-01-01 10:00:30+00');
select tests.start_run();
select tests.fill('acme', 2);
select tests.fill('globex', 1);
select tests.claim(3);
select tests.settle_all('succeeded');
select jobforge.roll_up(jobforge.clock());
create function pg_temp.seen(p_tenant text default null)
returns bigint
language sql
as $$
  select sum(h.started)::bigint from public.jobforge_history(
    '2030-01-01 10:00+00', '2030-01-01 11:00+00', 3600, tests.tenant(p_tenant)) as h
$$;
select tests.as_member('acme');
select is(pg_temp.seen(), 2::bigint, 'without a name');
select is(pg_temp.seen('acme'), 2::bigint, 'and by name');
select tests.refuses($$select pg_temp.seen('globex')$$, 'forbidden');
select tests.as_service();
select is(pg_temp.seen(), 3::bigint, 'services see all');

select * from finish();
rollback;
