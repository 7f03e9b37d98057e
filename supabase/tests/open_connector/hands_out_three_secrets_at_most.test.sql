begin;
select plan(1);

select jobforge_set_secret(tests.tenant('acme'), name, 'a secret named ' || name || '1')
from unnest('{a,b}'::text[]) as name;
select jobforge_rotate_secret(tests.tenant('acme'), name, 'a secret named ' || name || '2')
from unnest('{a,b}'::text[]) as name;
select tests.endpoint(p_refs => '{vault:a,vault:b}');
select is(tests.open('webhook-verify') -> 'secrets',
  '[{"value": "a secret named a2"}, {"value": "a secret named a1"},
    {"value": "a secret named b2"}]', 'those named first');

select * from finish();
rollback;
