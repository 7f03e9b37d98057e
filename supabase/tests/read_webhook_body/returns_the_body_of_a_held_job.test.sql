begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
create temp table made as select tests.endpoint() as id;
create temp table sent as
  select convert_to(string_agg(n::text, ','), 'UTF8') as body from generate_series(1, 400000) as n;
grant select on sent to public;
create temp table received as
  select (jobforge_receive_webhook(id, 'evt_1', '{}', p_body => encode(body, 'base64'))
    ->> 'job_id')::uuid as job_id
  from made, sent;
select tests.start_run();
create temp table claimed as
  select (job ->> 'lease_token')::bigint as token, tests.run_id() as run_id, job_id
  from received, json_array_elements(jobforge_claim_jobs(tests.run_id(), 1)) as job;
grant select on claimed to public;
create function pg_temp.read(p_from int)
returns bytea
language sql
as $$
  select decode(jobforge_read_webhook_body(run_id, token, job_id, p_from), 'base64') from claimed
$$;
select tests.as_service();
select is(octet_length(pg_temp.read(0)), 1572864, '1.5 MiB at a time');
select is(octet_length(jobforge_read_webhook_body(run_id, token, job_id)), 2097152,
  'as base64 without line breaks, from the beginning') from claimed;
select is(pg_temp.read(0) || pg_temp.read(1572864), body, 'and the parts are the whole') from sent;
select is(pg_temp.read(octet_length(body)), '', 'past the end is nothing') from sent;
select is(pg_temp.read(octet_length(body) - 1), '0', 'the last byte') from sent;

select * from finish();
rollback;
