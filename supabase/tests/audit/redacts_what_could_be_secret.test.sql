begin;
select plan(4);

select tests.unused_project();
select is(
  jobforge.redacted('{"payload": {"card": 1}, "name": "a", "list": [{"value": "s", "n": 1}],
    "Secret_Refs": ["x"], "AUTHORIZATION": "b", "token": null}'),
  '{"payload": "[redacted]", "name": "a", "list": [{"value": "[redacted]", "n": 1}],
    "Secret_Refs": "[redacted]",
    "AUTHORIZATION": "[redacted]", "token": null}', 'by the names of members, at any depth');
select jobforge.audit('test', null, null, jsonb_build_object('text', repeat('x', 9000)));
select is(
  (select detail from jobforge_audit_log), '{"omitted": "more than 8192 bytes"}',
  'nor anything long');
select jobforge.audit('test', null, 'huge', (
  select jsonb_build_object('n', jsonb_agg('1e131071'::jsonb)) from generate_series(1, 9000)));
select is(
  (select detail from jobforge_audit_log where target = 'huge'),
  '{"omitted": "more than 8192 bytes"}', 'nor what prints as gigabytes');
select tests.schedule('nightly', '{"payload": {"card": "c4nary"}}');
select is(
  (select count(*) from jobforge_audit_log as a where a::text like '%c4nary%'), 0::bigint,
  'nor the payload of a schedule');

select * from finish();
rollback;
