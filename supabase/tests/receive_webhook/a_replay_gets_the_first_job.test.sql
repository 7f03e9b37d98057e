begin;
select plan(4);

select tests.freeze();
create temp table made as select tests.endpoint() as id;
create temp table first as select tests.receive(id, 'evt_1', '{"n": 1}') as got from made;
select tests.advance('3 days');
select is(tests.receive(made.id, 'evt_1', '{"n": 2}'), got || '{"duplicate": true}',
  'the same job, even with another payload') from made, first;
select is(tests.job_count(), 1, 'no second job');
select is(
  (select count(*)::int from jobforge_received_webhooks where tenant_id = tests.tenant('acme')), 1,
  'it is recorded once');
select tests.advance('5 days');
select is(tests.receive(id) -> 'duplicate', 'true', 'until maintenance deletes it') from made;

select * from finish();
rollback;
