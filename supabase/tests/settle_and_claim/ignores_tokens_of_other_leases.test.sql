begin;
select plan(5);

select tests.freeze();
select tests.start_run();
select tests.enqueue('one');
select tests.claim();
select tests.enqueue('two');
select tests.claim();

select is(
  tests.report(jsonb_build_array(
    tests.outcome('one', kind, jsonb_build_object('lease_token', (tests.job('two')).lease_token)),
    tests.outcome('two', kind, jsonb_build_object('lease_token', (tests.job('one')).lease_token))
  )) ->> 'settled', '0', kind || ' does not count when tokens are exchanged')
from unnest('{succeeded,errored,failed}'::text[]) as kind;
select is(tests.status(name), 'running', name || ' runs on')
from unnest('{one,two}'::text[]) as name;

select * from finish();
rollback;
