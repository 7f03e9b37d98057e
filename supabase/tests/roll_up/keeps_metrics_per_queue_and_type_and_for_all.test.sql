begin;
select plan(2);

select tests.unused_project();
select tests.freeze('2030-01-01 10:00:59.8+00');
select tests.start_run(p_capacity => 10);
select jobforge_start_run(p_types => '[{"type": "known"}]');
select tests.enqueue('a', '{"type": "known"}', 'acme');
select tests.enqueue('b', '{"type": "anything"}', 'acme');
select tests.enqueue('c', '{"type": "known"}', 'globex');
select tests.claim(3);
select tests.settle('a', 'succeeded');
select tests.settle('b', 'failed');
select tests.advance('1 second');
select tests.settle('c', 'succeeded');
select jobforge.roll_up(jobforge.clock());
select bag_eq($$
  select tests.tenant_name(q.tenant_id), (m.at at time zone 'UTC')::time, m.type, m.succeeded,
    m.failed
  from jobforge.metrics_by_minute as m left join jobforge.queues as q on q.id = m.queue_id
$$, $$
  values ('acme', '10:00'::time, 'known', 1::bigint, 0::bigint),
    ('acme', '10:00', '_other', 0, 1), ('globex', '10:01', 'known', 1, 0),
    (null, '10:00', 'known', 1, 0), (null, '10:00', '_other', 0, 1), (null, '10:01', 'known', 1, 0)
$$, 'types that no worker declared count as one');

select tests.freeze('2030-01-15 10:01:00+00');
select tests.maintain();
select bag_eq('select distinct at from jobforge.metrics_by_minute',
  $$ values ('2030-01-01 10:01:00+00'::timestamptz) $$, 'for 14 days');

select * from finish();
rollback;
