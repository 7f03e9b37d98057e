begin;
select plan(12);

select tests.unused_project();
select tests.freeze();
select tests.start_run('worker', 100, '[{"type": "test.job"}, {"type": "other"}]');
delete from jobforge.job_types where type = 'other';
select tests.enqueue_each('w1', 'w2', 'w3');
select tests.claim(3);
select tests.enqueue_each('failed', 'later', 'released', 'dead', 'again', 'put_off');
select tests.set_attempts('dead', 4);
update jobforge.jobs set type = 'other' where id in (tests.id('dead'), tests.id('again'));
update jobforge.jobs set attempts = 3 where id = tests.id('again');
select tests.claim(6);
create function pg_temp.wakeups(p_name text, p_outcome text, p_more jsonb default '{}')
returns boolean[]
language plpgsql
as $$
begin
  delete from jobforge.wakeups;
  perform tests.settle(p_name, p_outcome, p_more);
  return array(select ready from jobforge.wakeups order by ready);
end
$$;
select is(pg_temp.wakeups('failed', 'failed'), '{}', 'none for a job that ended');
select is(pg_temp.wakeups('later', 'errored'), '{f}', 'one that is not ready, for a later attempt');
select is(pg_temp.wakeups('released', 'released'), '{t}', 'one that is ready');
select is(pg_temp.wakeups('put_off', 'released', '{"retry_after_ms": 5}'), '{f}',
  'a job that is put off is not');
select is(pg_temp.wakeups('again', 'errored'), '{f}', 'the fourth attempt is not the last');
select is(pg_temp.wakeups('dead', 'errored'), '{}', 'the fifth is');
select is(tests.status('dead'), 'dead', 'where no worker declared the type');

create temp table whole as select jsonb_build_object('lease_token', token) as lease
  from jobforge.leases where ids[1] = tests.id('w1');
select tests.refuses(format('select tests.report(jsonb_build_array(%L::jsonb))', lease || more),
  'invalid_argument', more::text)
from whole, unnest(array['{"result": 1}', '{"error": {}}', '{"outcome": "errored"}']::jsonb[])
  as more;
select tests.enqueue('beside');
select tests.claim(1);
select tests.report(jsonb_build_array(lease)) from whole;
select is((tests.run()).held, (select sum(cardinality(ids))::int from jobforge.leases),
  'a whole lease ends, and no other');
select tests.enqueue_each('x', 'y');
select tests.claim(3);
select jobforge_release_jobs(tests.run_id(), array[tests.id('x')]);
select is((tests.run()).held, (select sum(cardinality(ids))::int from jobforge.leases),
  'the run holds what its leases hold');

select * from finish();
rollback;
