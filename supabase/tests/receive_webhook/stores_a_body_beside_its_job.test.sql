begin;
select plan(8);

select tests.unused_project();
create temp table made as select tests.endpoint() as id;
grant select on made to public;
create temp table sent as
  select convert_to(repeat(E'{"a":"\u00e9"}\n', 40000), 'UTF8') || decode('00ff80', 'hex') as body;
grant select on sent to public;
create function pg_temp.receive(p_key text, p_body text)
returns jsonb
language sql
as $$
  select jobforge_receive_webhook(id, p_key, '{"endpoint": "default"}', p_body => p_body)::jsonb
  from made
$$;
select tests.as_service();
create temp table answer as
  select pg_temp.receive('evt_1', encode(body, 'base64')) as got from sent;
grant select on answer to public;
select tests.as_owner();
select results_eq(
  'select tests.tenant_name(tenant_id), job_id::text, body from jobforge.webhook_bodies',
  $$ select 'acme', got ->> 'job_id', body from answer, sent $$, 'byte for byte');
select is(payload, jsonb_build_object('endpoint', 'default', 'stored', jsonb_build_object(
  'bytes', octet_length(body))), 'the payload has its length') from jobforge_jobs, sent;
select is(
  (select attstorage from pg_attribute
    where attrelid = 'jobforge.webhook_bodies'::regclass and attname = 'body'), 'e'::"char",
  'it is not compressed');

select is(pg_temp.receive('evt_1', encode('other', 'base64')), got || '{"duplicate": true}',
  'a replay gets the first job') from answer;
select is((select count(*) from jobforge.webhook_bodies), 1::bigint, 'and stores nothing');
select pg_temp.receive('evt_2', '');
select results_eq(
  $$ select payload #>> '{stored,bytes}', octet_length(body)
    from jobforge_jobs join jobforge.webhook_bodies on job_id = id where octet_length(body) < 9 $$,
  $$ values ('0', 0) $$, 'an empty body is a body');
select pg_temp.receive('evt_3', null);
select is((select count(*) from jobforge.webhook_bodies), 2::bigint, 'and none is none');
select is(
  (select count(*) from jobforge_jobs where payload = '{"endpoint": "default"}'), 1::bigint,
  'its payload stays as it came');

select * from finish();
rollback;
