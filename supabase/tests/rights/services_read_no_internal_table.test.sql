begin;
select plan(9);

select tests.as_service();
select tests.denies(format('select * from jobforge.%s', relation), relation)
from unnest('{runs,settings,queue_tallies,wakeups,idempotency_keys,job_types,lease_tokens,
  secrets,closed_hosts}'::text[]) as relation;

select * from finish();
rollback;
