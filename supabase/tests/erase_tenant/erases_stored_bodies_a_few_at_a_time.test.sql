begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select jobforge_receive_webhook(tests.endpoint(tenant), 'evt_' || n, '{}', p_body => 'QUJD')
from unnest('{acme,globex}'::text[]) as tenant, generate_series(1, 4) as n;
create temp table first as select jobforge_erase_tenant(tests.tenant('acme'), 100) as answer;
select is(answer #> '{counts,jobforge.jobs}', '4', 'the jobs go first') from first;
select is(answer #> '{counts,jobforge.webhook_bodies}', '2', 'and a few of their bodies')
from first;
select is(answer ->> 'state', 'erasing', 'there is more to do') from first;
select is(tests.erase('acme') ->> 'state', 'finished', 'it ends');
select is(
  (select count(*) from jobforge.webhook_bodies where tenant_id = tests.tenant('globex')),
  4::bigint, 'the bodies of another tenant stay');

select * from finish();
rollback;
