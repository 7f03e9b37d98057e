begin;
select plan(4);

select tests.as_member('acme');
create temp table answer as select * from jobforge_enqueue_job(p_type => 'test.job');

select is((select count(*) from answer), 1::bigint, 'the answer is one row');
select is((select status from answer), 'queued', 'it is queued');
select is((select duplicate from answer), false, 'it is no duplicate');
select is(
  (select count(*) from jobforge_jobs join answer on id = job_id), 1::bigint,
  'its id is the id of a job the caller can read');

select * from finish();
rollback;
