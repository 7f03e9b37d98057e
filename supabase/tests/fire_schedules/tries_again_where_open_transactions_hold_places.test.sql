begin;
select plan(8);

select tests.unused_project();
select tests.freeze();
select tests.known(tenant) from unnest('{acme,globex}'::text[]) as tenant;
-- As a queue of acme whose places an open transaction holds, or none does.
create temp table held (places int);
insert into held values (3);
create function pg_temp.refuse_acme() returns trigger language plpgsql as $$
begin
  if new.tenant_id = tests.tenant('acme') and exists (select from held) then
    perform jobforge.fail('queue_full', 'full', format('{"held": %s}', (select places from held)));
  end if;
  return new;
end
$$;
create trigger refused before insert on jobforge.jobs
  for each row execute function pg_temp.refuse_acme();
create function pg_temp.fire() returns text language plpgsql as $$
begin
  perform tests.advance('1 minute');
  perform jobforge.fire_schedules(jobforge.clock(), 1000);
  return (select format('%s jobs, %s failed, %s postponed', count(*), (
      select sum(failed) from jobforge_schedules), (select count(*) from jobforge.postponed_starts))
    from jobforge.jobs);
end
$$;
select tests.schedule('all', '{"expression": "60 seconds", "overlap": "allow"}', null);
select is(pg_temp.fire(), '1 jobs, 0 failed, 1 postponed', 'a fan-out leaves the tenant out');
update jobforge_schedules set paused = true;
update held set places = 0;
select is(pg_temp.fire(), '1 jobs, 0 failed, 0 postponed', 'a paused schedule drops the start');
update jobforge_schedules set paused = false, next_at = jobforge.clock() + interval '1 minute';
select is(pg_temp.fire(), '2 jobs, 1 failed, 0 postponed', 'a queue that is full is an error');
update held set places = 3;
select is(pg_temp.fire(), '3 jobs, 1 failed, 1 postponed', 'again left out');
delete from held;
update jobforge_schedules set next_at = jobforge.clock() + interval '1 hour';
select is(pg_temp.fire(), '4 jobs, 1 failed, 0 postponed', 'and started in a later turn');
update jobforge_schedules set paused = true;

insert into held values (3);
select tests.schedule('one', '{"expression": "60 seconds"}');
select is(pg_temp.fire(), '4 jobs, 1 failed, 0 postponed', 'a schedule of the tenant waits');
select is((tests.scheduled('one')).next_at, jobforge.clock(), 'for its next turn');
delete from held;
select jobforge.fire_schedules(jobforge.clock(), 1000);
select is((tests.scheduled('one')).started, 1::bigint, 'and starts');

select * from finish();
rollback;
