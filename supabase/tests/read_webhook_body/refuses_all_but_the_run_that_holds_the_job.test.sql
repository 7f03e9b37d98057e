begin;
select plan(10);

select tests.unused_project();
select tests.freeze();
create temp table made as select tests.endpoint() as id;
create temp table received as
  select (jobforge_receive_webhook(id, 'evt_1', '{}', p_body => 'QUJD') ->> 'job_id')::uuid
    as job_id
  from made;
select tests.start_run('first');
select tests.start_run('second');
create temp table claimed as
  select (job ->> 'lease_token')::bigint as token, tests.run_id('first') as run_id, job_id
  from received, json_array_elements(jobforge_claim_jobs(tests.run_id('first'), 1)) as job;
grant select on claimed to public;
create function pg_temp.reading(p_run_id text, p_token text, p_job_id text, p_from text)
returns text
language sql
as $$
  select format('select jobforge_read_webhook_body(%s, %s, %s, %s) from claimed',
    p_run_id, p_token, p_job_id, p_from)
$$;
select is(jobforge_read_webhook_body(run_id, token, job_id), 'QUJD', 'the run that holds it')
from claimed;
select tests.refuses(pg_temp.reading(run_id, token, job_id, '0'), 'run_ended', what,
  '^the run does not hold this job under this lease token$')
from (values
  ('another run', tests.run_id('second')::text, 'token', 'job_id'),
  ('another token', 'run_id', 'token + 1', 'job_id'),
  ('another job', 'run_id', 'token', 'gen_random_uuid()'),
  ('no job', 'run_id', 'token', 'null')) as attempts (what, run_id, token, job_id);
select tests.refuses(pg_temp.reading('run_id', 'token', 'job_id', bad), 'invalid_argument')
from unnest(array['-1', 'null']) as bad;
delete from jobforge.webhook_bodies where tenant_id = tests.tenant('acme');
select tests.refuses(pg_temp.reading('run_id', 'token', 'job_id', '0'), 'not_found',
  'a job without a body', '^no body is stored for this job$');
update jobforge.runs set state = 'lost' where id = tests.run_id('first');
select tests.refuses(pg_temp.reading('run_id', 'token', 'job_id', '0'), 'run_ended',
  'a run whose leases are void');
select tests.as_member('acme');
select throws_ok(pg_temp.reading('run_id', 'token', 'job_id', '0'), '42501', null,
  'no user reads a body');

select * from finish();
rollback;
