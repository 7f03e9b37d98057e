begin;
select plan(4);

select tests.known('acme');
select tests.as_member('acme');
create temp table answer as
  select * from jobforge_enqueue_jobs(p_jobs => '[
    {"type": "test.job", "payload": 1}, {"type": "test.job", "payload": 2, "idempotency_key": "k"},
    {"type": "test.job", "payload": 2, "idempotency_key": "k"}]');

select results_eq(
  'select duplicate from answer order by index', array[false, false, true],
  'the second use of the key is a duplicate');
select is(
  (select count(distinct job_id) from answer where index > 0), 1::bigint, 'of the first');
select is((select count(*) from jobforge_jobs), 2::bigint, 'so there are two jobs');
select is(
  (select queued from jobforge_list_queues()), 2::bigint, 'and two are counted');

select * from finish();
rollback;
