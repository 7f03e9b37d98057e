begin;
select plan(2);

select tests.freeze();
select tests.as_member('acme');
select results_eq($$
  select tenant_id, name, expression, time_zone, type, payload, queue, overlap, catch_up, paused,
    created_by, created_at
  from jobforge_configure_schedule(p_name => 'nightly', p_settings => '{"type": "report.render",
    "expression": "0 3 * * mon-fri", "time_zone": "Europe/Berlin", "payload": {"a": 1}}')
$$, $$
  values (tests.tenant('acme'), 'nightly', '0 3 * * mon-fri', 'Europe/Berlin', 'report.render',
    '{"a": 1}'::jsonb, 'default', 'skip', 'once', false, tests.sub('acme')::text,
    '2030-01-01 00:00+00'::timestamptz)
$$, 'with defaults for the rest');
select is((select count(*) from jobforge_schedules), 1::bigint, 'and the member sees it');

select * from finish();
rollback;
