begin;
select plan(3);

select tests.refuses(call, 'invalid_argument')
from unnest(array['select jobforge_verify_audit(-1)', 'select jobforge_verify_audit(0, 0)',
  'select jobforge_verify_audit(0, null)']) as call;

select * from finish();
rollback;
