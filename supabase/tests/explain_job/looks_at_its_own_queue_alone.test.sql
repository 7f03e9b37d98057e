begin;
select plan(9);

select tests.unused_project();
select tests.freeze();
select tests.setup();
select jobforge_configure_queue(tests.tenant(tenant), queue)
from (values ('globex', 'mail'), ('acme', 'default'), ('acme', 'mail'), ('acme', 'other'),
  ('hooli', 'mail')) as made (tenant, queue);
-- All other queues have these settings, that of the job has its own.
create function pg_temp.explained(p_own jsonb, p_others jsonb, p_key text default 'reason')
returns text language plpgsql as $$
begin
  perform jobforge_configure_queue(q.tenant_id, q.queue,
    '{"paused": false, "max_running": null, "rate_limit": null}'
      || case when q.id = (tests.queue('mail')).id then p_own else p_others end)
  from jobforge.queues as q;
  return jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> p_key;
end
$$;
select tests.start_run('worker', 100, '[{"type": "test.job"}, {"type": "other.job"}]');
select tests.start_run('typed', 100, '[{"type": "test.job"}]');
select tests.enqueue('beside ' || queue, jsonb_build_object('queue', queue, 'type', 'other.job'))
from unnest('{default,mail,other}'::text[]) as queue;
select tests.enqueue('theirs', '{"queue": "mail", "type": "other.job"}', 'globex');
select tests.claim(9, 'typed');
select tests.enqueue('job', '{"queue": "mail"}');
select is(pg_temp.explained('{}', '{"paused": true}'), 'waiting_its_turn', 'others are paused');
select is(pg_temp.explained('{}', '{"max_running": 0}'), 'waiting_its_turn', 'or at their caps');
select is(pg_temp.explained('{"paused": true}', '{}'), 'queue_paused', 'it is paused');
select is(pg_temp.explained('{"max_running": 0}', '{}'), 'queue_at_max_running',
  'or at its cap');
update jobforge.queues set tat = jobforge.clock() + id * interval '1 minute', tat_interval = 60;
select is(pg_temp.explained('{"rate_limit": 1}', '{"rate_limit": 1}', 'earliest_at')::timestamptz,
  (tests.queue('mail')).tat, 'it waits for its own rate');
update jobforge.queues set tat = null, tat_interval = null;
select pg_temp.explained('{}', '{}');
select tests.claim(1) from generate_series(1, 5);
select is(tests.status('job'), 'running', 'it runs');
select is(pg_temp.explained('{}', '{}', 'run_id'), tests.run_id()::text, 'in its own run');
select jobforge_release_jobs(
  tests.run_id(), array[tests.id('job'), tests.id('beside mail')]);
select is(pg_temp.explained('{"max_running": 1}', '{}'), 'waiting_its_turn', 'jobs of others run');
insert into jobforge.queue_faults (queue_id, at, sqlstate, message)
select id, now(), '22012', '' from jobforge.queues where id <> (tests.queue('mail')).id;
insert into jobforge.erasures (tenant_id, alias_id, tenant_hash, started_at)
select tests.tenant('hooli'), gen_random_uuid(), jobforge.tenant_hash(tests.tenant('hooli')), now();
select is(jobforge_explain_job(tests.id('job'), tests.tenant('acme')) ->> 'reason',
  'waiting_its_turn', 'other queues raise errors, and another tenant is being erased');

select * from finish();
rollback;
