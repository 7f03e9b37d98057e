begin;
select plan(16);

select tests.freeze();
select tests.refuses(format('select * from jobforge_publish(%L, %L)', tests.tenant('acme'), type),
  'invalid_argument', format('type %L', left(type, 20)))
from unnest(array['', 'order paid', 'order..paid', '.order', 'order.', 'order.*', '*', E'a\n',
  repeat('a', 129)]) as type;
select tests.refuses(format('select * from jobforge_publish(%L, %L, %L, %L)',
  tests.tenant('acme'), 'order.paid', '{}', id), 'invalid_argument', 'an ID of that length')
from unnest(array['', repeat('a', 201)]) as id;
select tests.refuses(format('select * from jobforge_publish(%L, %L, null)',
  tests.tenant('acme'), 'order.paid'), 'invalid_argument', 'no data');
select tests.refuses(format('select * from jobforge_publish(%L, %L, %L)',
  tests.tenant('acme'), 'order.paid', to_jsonb(repeat('a', 262143))), 'payload_too_large',
  'data of 262,145 bytes');
select lives_ok(format('select * from jobforge_publish(%L, %L, %L)',
  tests.tenant('acme'), 'order.paid', to_jsonb(repeat('a', 262142))), 'data of 262,144 bytes');
select lives_ok(format('select * from jobforge_publish(%L, %L, %L, %L)',
  tests.tenant('acme'), repeat('a', 128), '{}', repeat('a', 200)), 'the longest type and ID');
select tests.erase('acme');
select tests.refuses(format('select * from jobforge_publish(%L, %L)', tests.tenant('acme'), 'a'),
  'tenant_erased', 'a tenant that was erased');

select * from finish();
rollback;
