begin;
select plan(8);

select tests.start_run();
select tests.enqueue('mail', '{"type": "mail.send"}');
select tests.enqueue('bill', '{"type": "bill.send", "max_attempts": 1}');
select tests.claim(2);
select tests.settle('mail', 'failed', '{"error": {"code": "bounced", "message": "x"}}');
select tests.settle('bill', 'errored', '{"error": {"code": "timeout", "message": "x"}}');
select tests.bring('of a queue', 'canceled');
create function pg_temp.found(p_filter jsonb)
returns text[]
language sql
as $$
  select array(
    select tests.name((s ->> 'id')::uuid)
    from jsonb_array_elements(jobforge_retry_jobs(tests.tenant('acme'), p_filter) -> 'sample') as s)
$$;
select is(pg_temp.found('{}'), '{mail,bill}', 'dead and failed when no status is named');
select is(pg_temp.found('{"status": "dead"}'), '{bill}', 'a status');
select is(pg_temp.found('{"status": ["failed", "canceled"]}'), '{mail,of a queue}', 'statuses');
select is(pg_temp.found('{"type": "mail.send"}'), '{mail}', 'a type');
select is(
  pg_temp.found('{"queue": "bring-canceled", "status": "canceled"}'), '{of a queue}', 'a queue');
select is(pg_temp.found('{"error_code": ["bounced", "other"]}'), '{mail}', 'an error code');
select is(
  pg_temp.found(jsonb_build_object('created_after', (tests.job('bill')).created_at)), '{bill}',
  'the time from which on');
select is(
  pg_temp.found(jsonb_build_object('created_before', (tests.job('bill')).created_at)), '{mail}',
  'and before which');

select * from finish();
rollback;
