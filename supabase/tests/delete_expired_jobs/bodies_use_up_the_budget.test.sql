begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select jobforge_configure_retention(1, 1);
select jobforge_receive_webhook(tests.endpoint(tenant), 'evt_1', '{}',
  p_body => encode(decode(repeat('41', 655360), 'hex'), 'base64'))
from unnest('{acme,globex,hooli}'::text[]) as tenant;
select tests.start_run();
select jobforge_claim_jobs(tests.run_id(), 10);
select tests.settle_all('succeeded');
select tests.advance('2 days');
select is(jobforge.delete_expired_jobs(jobforge.clock(), 21), 2,
  'the bodies of all tenants count against one budget');
select is(
  (select sum(jobforge.delete_expired_jobs(jobforge.clock(), 21)) from generate_series(1, 3)),
  1::bigint, 'the rest goes later');
select is_empty('select from jobforge.webhook_bodies', 'and no body is left');

select * from finish();
rollback;
