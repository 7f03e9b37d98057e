begin;
select plan(12);

select tests.freeze();
select tests.destination('orders', '{"event_types": ["order.*"]}');
create temp table sent (what text, job_id uuid, message_id uuid);
create function tests.sent(p_what text, p_type text default 'order.paid')
returns void
language plpgsql
as $$
declare
  v_message_id constant uuid := tests.publish(p_type);
begin
  insert into sent
  select p_what, job_id, v_message_id from (select v_message_id as message_id) as published
  left join tests.deliveries('orders') using (message_id);
end
$$;
select tests.sent(what) from unnest('{early,arrived,dead,canceled,waits,held,lost}'::text[])
  as what;
select tests.sent('not subscribed', 'invoice.paid');
select tests.advance('1 hour');
select tests.answer('orders', job_id, 200) from sent where what = 'arrived';
select tests.answer('orders', job_id, 500) from sent where what = 'dead';
update jobforge.webhook_deliveries set held = true
where job_id = (select job_id from sent where what = 'held');
select tests.end_job(job_id, case when what in ('early', 'dead') then 'dead'
  when what = 'canceled' then 'canceled' else 'succeeded' end)
from sent where what not in ('waits', 'not subscribed');
delete from jobforge.jobs where id = (select job_id from sent where what = 'lost');
select tests.send_test_event('orders');
select tests.end_job(tests.newest('orders'), 'dead');
create temp table page as
select * from tests.recover('orders', '2030-01-01 00:00:00.002+00');
select results_eq('select sent, next from page', 'values (4, null::uuid)', 'four were missed');
select set_eq(
  $$ select what from sent join tests.deliveries('orders') as d using (message_id)
    where d.job_id <> sent.job_id $$,
  '{dead,canceled,held,lost}'::text[], 'since that time, and no other');
select is((select count(*)::int from tests.deliveries('orders') where event_type = 'jobforge.test'),
  1, 'and no test event');
select is((select sent from tests.recover('orders', '2030-01-01 00:00:00.002+00')), 0,
  'again sends none twice');
select results_eq(
  $$ select action, target, detail -> 'sent' from jobforge_audit_log
    where tenant_id = tests.tenant('acme') and action = 'recover_deliveries' $$,
  $$ values ('recover_deliveries', 'orders', '4'::jsonb) $$, 'audited');
select tests.end_job(job_id, 'dead') from tests.deliveries('orders') where status = 'pending';
create temp table pages as select 1 as n, * from tests.recover('orders', '2030-01-01', null, 5);
insert into pages select 2, r.* from pages, tests.recover('orders', '2030-01-01', next, 5) as r;
select is((select next from pages where n = 1), (select message_id from sent where what = 'waits'),
  'a page ends at its limit');
select is((select sum(sent)::int from pages), 6,
  'the pages together send what died again and what is older');
select is((select next from pages where n = 2), null, 'and the last one has no next');
select tests.refuses(format('select * from tests.recover(%L, %L, null, %s)', destination, since,
  number), code, concat_ws(' ', destination, since, number))
from (values ('orders', '2030-01-02', 10, 'invalid_argument'),
  ('orders', '2029-12-31', 0, 'invalid_argument'),
  ('orders', '2029-12-31', 1001, 'invalid_argument'),
  ('none', '2029-12-31', 10, 'not_found')) as given (destination, since, number, code);

select * from finish();
rollback;
