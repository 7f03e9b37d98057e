begin;
select plan(6);

select tests.bring('failed', 'failed');
select tests.bring('dead', 'dead');
select tests.bring('running', 'running');
select tests.bring('queued', 'queued');
select tests.enqueue('other', '{"type": "other.job"}');
create function pg_temp.found(p_filter jsonb)
returns text
language sql
as $$
  select string_agg(tests.name((j ->> 'id')::uuid), ' ' order by tests.name((j ->> 'id')::uuid))
  from jsonb_array_elements(jobforge_list_jobs(tests.tenant('acme'), p_filter) -> 'jobs') as j
$$;

select is(pg_temp.found('{}'), 'dead failed other queued running', 'every job without a filter');
select is(pg_temp.found('{"status": ["failed", "dead"]}'), 'dead failed', 'status');
select is(pg_temp.found('{"status": "running"}'), 'running', 'running');
select is(pg_temp.found('{"type": "other.job"}'), 'other', 'type');
select is(pg_temp.found('{"queue": "bring-queued"}'), 'queued', 'queue');
select is(pg_temp.found(jsonb_build_object('error_code', (tests.job('dead')).last_error -> 'code',
  'status', 'dead')), 'dead', 'error code');

select * from finish();
rollback;
