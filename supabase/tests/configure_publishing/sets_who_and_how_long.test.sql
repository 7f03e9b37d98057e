begin;
select plan(12);

select is(jobforge_configure_publishing('{}'),
  '{"users_manage_destinations": false, "retention_days": 30}', 'the defaults');
select is(jobforge_configure_publishing('{"retention_days": 7}'),
  '{"users_manage_destinations": false, "retention_days": 7}', 'what is left out stays');
select is((select detail -> 'after' from jobforge_audit_log
    where action = 'configure_publishing' order by id desc limit 1), '{"retention_days": 7}',
  'audited');
select tests.refuses(format('select jobforge_configure_publishing(%L)', settings),
  'invalid_argument', settings)
from unnest(array['[]', 'null', '{"retention": 7}', '{"retention_days": 6}',
  '{"retention_days": 3651}', '{"retention_days": null}', '{"retention_days": 7.5}',
  '{"users_manage_destinations": "yes"}', '{"users_manage_destinations": null}']) as settings;

select * from finish();
rollback;
