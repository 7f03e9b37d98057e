begin;
select plan(7);

select tests.unused_project();
select tests.freeze();
create temp table made as select tests.endpoint() as id;
select jobforge_receive_webhook(id, 'evt_' || n, '{}',
  p_body => encode(decode(repeat('41', 655360), 'hex'), 'base64'))
from made, generate_series(1, 3) as n;
select tests.start_run();
select jobforge_claim_jobs(tests.run_id(), 10);
select tests.settle_all('succeeded');
select tests.advance('2 days');
create function pg_temp.cleanup(p_after uuid, p_limit int)
returns jsonb
language sql
as $$ select jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}', p_after, p_limit) $$;
create temp table first as select pg_temp.cleanup(null, 12) as answer;
select is(answer -> 'deleted', '2', 'a body of 640 KiB counts as ten jobs') from first;
select isnt(answer ->> 'next', null, 'and the batch is to be continued') from first;
select is((select count(*) from jobforge.webhook_bodies), 1::bigint, 'it goes with its job');
select is(
  (select count(*) from jobforge_jobs join jobforge.webhook_bodies on job_id = id), 1::bigint,
  'that of the other job stays');
create temp table second as
  select pg_temp.cleanup((answer ->> 'next')::uuid, 11) as answer from first;
select is(answer -> 'deleted', '1', 'the next batch goes on there') from second;
select is(pg_temp.cleanup((answer ->> 'next')::uuid, 11), '{"deleted": 0, "next": null}',
  'to the end')
from second;
select is_empty('select from jobforge.webhook_bodies', 'no body is left');

select * from finish();
rollback;
