begin;
select plan(2);

select tests.endpoint();
select throws_ok(
  $$ update public.jobforge_connector_configs set disabled_reason = 'gone' $$, '23514', null,
  'enabled, for a reason?');
select throws_ok(
  'update public.jobforge_connector_configs set enabled = false', '23514', null,
    'disabled, but why?');

select * from finish();
rollback;
