begin;
select plan(3);

select tests.freeze();
select tests.start_run();
select tests.fill('acme', 3);
select tests.fill('acme', 150, '{"run_at": "2030-01-01T01:00:00Z"}');
select tests.claim(1);
select tests.fill('globex', 120);
select jobforge_configure_queue(tests.tenant('initech'), 'empty');
select tests.advance('90 seconds');
select bag_eq($$
  select tests.tenant_name(q.tenant_id), q.queue, q.ready, q.scheduled, q.running, q.paused
  from jsonb_to_recordset(jobforge_metrics() -> 'queues') as q (tenant_id uuid, queue text,
    ready int, scheduled int, running int, paused boolean)
$$, $$
  values ('acme', 'default', 2, 150, 1, false), ('globex', 'default', 120, 0, 0, false)
$$, 'with what is in them');
select is((
  select round((q ->> 'oldest_ready_seconds')::numeric)
  from jsonb_array_elements(jobforge_metrics() -> 'queues') as q limit 1), 90::numeric,
  'and how long the oldest waits');
select is(jobforge_metrics() #> '{runs,live}', '0', 'runs whose lease is over do not live');

select * from finish();
rollback;
