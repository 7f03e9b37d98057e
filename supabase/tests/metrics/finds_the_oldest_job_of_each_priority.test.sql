begin;
select plan(8);

select tests.unused_project();
select tests.freeze();
select tests.fill('acme', 1, '{"priority": 3}');
select tests.advance('10 seconds');
select tests.fill('acme', 2, '{"priority": -3}');
select tests.advance('10 seconds');
select tests.fill('acme', 1);
create function pg_temp.waits() returns interval language sql
return jobforge.clock() - jobforge.oldest_ready_at((
  select q from jobforge.queues as q where q.tenant_id = tests.tenant('acme')), jobforge.clock());
create function pg_temp.set_cursor(p_age interval, p_priority int, p_id uuid)
returns void language sql
begin atomic
  update jobforge.queues
  set cursor_at = jobforge.clock() - p_age, cursor_priority = p_priority, cursor_id = p_id;
end;
select is(pg_temp.waits(), '20 seconds', 'the oldest is the least urgent');
select pg_temp.set_cursor('1 second', 4, '00000000-0000-0000-0000-000000000000');
select is(pg_temp.waits(), null, 'nothing is read before the cursor');
select pg_temp.set_cursor('2 seconds', 4, '00000000-0000-0000-0000-000000000000');
select is(pg_temp.waits(), '20 seconds', 'which counts for two seconds');
select pg_temp.set_cursor('1 second', 3, (select id from jobforge.ready where priority = 3));
select is(pg_temp.waits(), '20 seconds', 'the job at the cursor is read');
select pg_temp.set_cursor('1 second', 3, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
select is(pg_temp.waits(), null, 'and none before it');
update jobforge.queues set cursor_at = null;
select tests.fill('acme', 1, jsonb_build_object('priority', n)) from generate_series(-10, -5) as n;
select is(pg_temp.waits(), '10 seconds', 'the first of eight priorities are read');
select tests.fill('acme', 1, '{"priority": -20}');
select is(pg_temp.waits(), '10 seconds', 'with the eighth');
select tests.fill('acme', 1, '{"priority": -21}');
select is(pg_temp.waits(), '0 seconds', 'and not the ninth');

select * from finish();
rollback;
