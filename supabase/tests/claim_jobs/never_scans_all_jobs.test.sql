begin;
select plan(5);

select tests.freeze();
select tests.fill('acme', 3000);
select tests.fill('globex', 5);
analyze jobforge.jobs;
analyze jobforge.ready;
analyze jobforge.queues;
select tests.start_run();
create temp table scans as
  select sum(seq_scan) as seq_scan from pg_stat_xact_user_tables
    where schemaname = 'jobforge' and relname in ('jobs', 'ready');

select jobforge_claim_jobs(tests.run_id(), 50);
select jobforge_claim_jobs(tests.run_id(), 1);
select is(
  (select sum(seq_scan) from pg_stat_xact_user_tables
    where schemaname = 'jobforge' and relname in ('jobs', 'ready')),
  (select seq_scan from scans), 'claims take their jobs from an index');
select jobforge_heartbeat(tests.run_id());
select is(
  (select sum(seq_scan) from pg_stat_xact_user_tables
    where schemaname = 'jobforge' and relname in ('jobs', 'ready')),
  (select seq_scan from scans), 'so does the heartbeat');
create temp table held as
  select jsonb_agg(
    jsonb_build_object('id', id, 'lease_token', lease_token, 'outcome', outcome)) as o
  from (
    select id, lease_token, (array['succeeded', 'errored', 'released'])[1 + n % 3] as outcome
    from (select *, row_number() over (order by id) as n from tests.jobs
      where status = 'running') as j) as chosen;
update scans set seq_scan = (select sum(seq_scan) from pg_stat_xact_user_tables
    where schemaname = 'jobforge' and relname in ('jobs', 'ready'));
select tests.report(o) from held;
select is(
  (select sum(seq_scan) from pg_stat_xact_user_tables
    where schemaname = 'jobforge' and relname in ('jobs', 'ready')),
  (select seq_scan from scans), 'so do reports');
select jobforge_dispatch();
select is(
  (select sum(seq_scan) from pg_stat_xact_user_tables
    where schemaname = 'jobforge' and relname in ('jobs', 'ready')),
  (select seq_scan from scans), 'so does the dispatcher');
select jobforge_list_queues(tests.tenant('acme'));
select jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
select is(
  (select sum(seq_scan) from pg_stat_xact_user_tables
    where schemaname = 'jobforge' and relname in ('jobs', 'ready')),
  (select seq_scan from scans), 'so do enqueues and counts');

select * from finish();
rollback;
