begin;
select plan(6);

select tests.unused_project();
create temp table now as select '2030-01-01 00:00:00.5Z'::timestamptz as at;
create function pg_temp.pick(p_later interval default '0')
returns bigint
language sql
as $$
  select jobforge.pick_slot(at + p_later, 2, false) - jobforge.first_slot(at) from now
$$;
create function pg_temp.called(p_slot int)
returns void
language sql
as $$
  insert into jobforge.runs (state, created_at, ended_at, call_slot)
  select 'undelivered', at, at, jobforge.first_slot(at) + p_slot from now
$$;
select is(pg_temp.pick(), 1::bigint, 'the first');
select pg_temp.called(1);
select is(pg_temp.pick(), 2::bigint, 'the second');
select pg_temp.called(2);
select is(pg_temp.pick(), null, 'there are as many as runs may be live');
select is(pg_temp.pick('499 milliseconds'), null, 'in this second');
select is(pg_temp.pick('500 milliseconds'), 256 + 1::bigint, 'the next second has its own');
select ok(
  jobforge.pick_slot('1970-01-01Z', 100, false) <> jobforge.pick_slot('9999-12-31Z', 100, false),
  'at every time');

select * from finish();
rollback;
