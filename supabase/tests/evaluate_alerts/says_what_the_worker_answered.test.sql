begin;
select plan(1);

select tests.unused_project();
select tests.freeze();
select tests.setup(10);
select jobforge.call_worker('http://127.0.0.1:9') from generate_series(1, 3);
update jobforge.runs set state = 'undelivered', ticket_hash = null, ended_at = jobforge.clock(),
  answered_at = jobforge.clock(), answer_status = 404, answer_error = 'HTTP 404: NOT_FOUND'
where true;
select tests.evaluate_alerts();
select is((select message from jobforge_alerts()),
  '3 tickets were not redeemed. The last call: HTTP 404: NOT_FOUND', 'in the message of the alert');

select * from finish();
rollback;
