begin;
select plan(6);

select tests.freeze();
select tests.schedule('skips', '{"catch_up": "skip"}');
create function pg_temp.taken(p_since timestamptz) returns text language plpgsql as $$
declare
  v_taken timestamptz[];
begin
  insert into jobforge.occurrences (schedule_id, due_at)
  select (tests.scheduled('skips')).id, '2030-01-01 00:05:00+00' on conflict do nothing;
  v_taken := jobforge.take_due_occurrences(
    tests.scheduled('skips'), '2030-01-01 00:30:00+00', p_since);
  return format('%s started, %s missed', cardinality(v_taken), (tests.scheduled('skips')).missed);
end
$$;
select is(pg_temp.taken('2030-01-01 00:05:59.999+00'), '1 started, 0 missed',
  'turns began less than a minute after it was due');
select is(pg_temp.taken('2030-01-01 00:06:00+00'), '0 started, 1 missed', 'or a minute after');

select tests.schedule('often', '{"expression": "1 second", "catch_up": "skip"}');
select tests.advance('150 seconds');
create temp table taken as select jobforge.take_due_occurrences(
  tests.scheduled('often'), jobforge.clock(), '-infinity') as times;
select is(cardinality(times), 100, 'of many that are on time a hundred start') from taken;
select is(times[100], jobforge.clock(), 'up to the present one') from taken;
select is(times[1], jobforge.clock() - interval '99 seconds', 'in their order') from taken;
select is((tests.scheduled('often')).missed, 50::bigint, 'the others are missed');

select * from finish();
rollback;
