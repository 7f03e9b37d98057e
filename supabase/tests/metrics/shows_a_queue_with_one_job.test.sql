begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.start_run();
create function pg_temp.queues() returns text language sql
return (select string_agg(format('%s ready, %s running', queue ->> 'ready', queue ->> 'running'),
  '; ') from jsonb_array_elements(jobforge_metrics() -> 'queues') as queue);
select tests.enqueue('job');
select is(pg_temp.queues(), '1 ready, 0 running', 'that waits');
select tests.claim();
select is(pg_temp.queues(), '0 ready, 1 running', 'or runs');
select tests.settle_all('succeeded');
select is(pg_temp.queues(), null, 'and none without');

select * from finish();
rollback;
