begin;
select plan(6);

select tests.unused_project();
select throws_ok('select jobforge_probe_worker()', 'PT409', null, 'not before setup');
update jobforge.settings set project_url = 'https://acme.supabase.co';

select is(jobforge_probe_worker() ->> 'state', 'pending', 'a ticket is on its way');
select is(
  (
    select count(*) from net.http_request_queue as q
    where q.url like 'https://acme.supabase.co/%'), 1::bigint, 'by one call through pg_net');
select is(
  jobforge_probe_worker((select max(id) from jobforge.runs)) ->> 'state', 'pending',
  'asking again sends nothing');
update jobforge.runs set state = 'live', ticket_hash = null, lease_expires_at = now() where true;
select is(
  jobforge_probe_worker((select max(id) from jobforge.runs)) ->> 'state', 'live',
  'once redeemed it is live');
select throws_ok('select jobforge_probe_worker(-1)', 'PT404', null, 'an unknown run is refused');

select * from finish();
rollback;
