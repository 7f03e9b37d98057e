begin;
select plan(4);

select tests.as_member('acme');
create temp table first as
  select * from jobforge_enqueue_job(p_type => 'test.job', p_payload => '{"a": 1, "b": 2}',
    p_idempotency_key => 'key');
create temp table second as
  select * from jobforge_enqueue_job(p_type => 'test.job', p_payload => '{"b":2,"a":1}',
    p_idempotency_key => 'key');

select is((select duplicate from first), false, 'the first is new');
select is((select duplicate from second), true, 'the repeat is a duplicate');
select is((select job_id from second), (select job_id from first), 'of the first job');
select is((select count(*) from jobforge_jobs), 1::bigint, 'there is one job');

select * from finish();
rollback;
