begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.setup(4);
select tests.fill('acme', 1);
select jobforge_dispatch();
select tests.advance('61 seconds');
select jobforge_dispatch();
select is(tests.finding('undelivered'), 'false: 1 tickets of the last hour were never redeemed',
  'the worker was away');
select tests.start_run('by an operator');
select is(tests.finding('undelivered'), 'false: 1 tickets of the last hour were never redeemed',
  'a run that no call asked for proves nothing');
select from jobforge_start_run(
  (select max((body ->> 'run_id')::bigint) from tests.calls()),
  (select body ->> 'ticket' from tests.calls() order by (body ->> 'run_id')::bigint desc limit 1));
select is(tests.finding('undelivered'), 'true: 0 tickets of the last hour were never redeemed',
  'the next ticket that arrives ends it');
select is((select count(*) from jobforge.runs where state = 'undelivered'), 1::bigint,
  'the lost one stays in the history');

select * from finish();
rollback;
