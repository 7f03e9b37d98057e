begin;
select plan(6);

select tests.unused_project();
create temp table ours as select tests.endpoint() as id;
select tests.refuses(
  'select jobforge_disable_connector(tests.tenant(''acme''), gen_random_uuid(), ''gone'')',
  'not_found', 'an id that is none');
select tests.refuses(
  'select jobforge_disable_connector(tests.tenant(''globex''), id, ''gone'') from ours',
  'not_found', 'the id of another tenant''s');
select tests.refuses(
  format('select jobforge_disable_connector(tests.tenant(%L), id, %L) from ours', 'acme', reason),
  'invalid_argument', coalesce(left(reason, 20), 'null'))
from unnest(array[null, '', repeat('x', 201)]) as reason;
select is((select enabled from jobforge_connector_configs), true, 'it is as it was');

select * from finish();
rollback;
