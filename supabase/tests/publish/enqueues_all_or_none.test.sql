begin;
select plan(3);

select tests.destination(name) from unnest('{one,two,three}'::text[]) as name;
select jobforge_configure_queue(tests.tenant('acme'), 'webhooks', '{"max_queued": 2}');
select tests.refuses(format('select * from jobforge_publish(%L, %L, %L, %L)',
  tests.tenant('acme'), 'order.paid', '{}', 'event-1'), 'queue_full', 'three jobs do not fit');
select is(tests.job_count(), 0, 'no job');
select is_empty('select from jobforge.webhook_messages', 'and no message');

select * from finish();
rollback;
