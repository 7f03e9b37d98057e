begin;
select plan(5);

select tests.freeze();
select tests.destination('orders');
select jobforge_rotate_secret(tests.tenant('acme'), 'signing',
  'whsec_OTg3NjU0MzIxMDk4NzY1NDMyMTA5ODc2NTQzMjEwOTg=', 3600);
select tests.as_member('acme');
select results_eq(
  $$ select secret ->> 'version', (secret ->> 'expires_at')::timestamptz
    from jobforge_list_destinations(), jsonb_array_elements(secrets) as secret $$,
  $$ values ('2', null::timestamptz), ('1', '2030-01-01 01:00:00+00') $$,
  'both versions, and until when the first counts');
select doesnt_match((select l::text from jobforge_list_destinations() as l), 'whsec|vault|signing',
  'no value and no reference');
select tests.as_member('globex');
select is_empty('select * from jobforge_list_destinations()', 'another tenant sees none');
select tests.refuses(format('select * from jobforge_list_destinations(%L)', tests.tenant('acme')),
  'forbidden', 'nor by name');
select tests.as_owner();
select tests.advance('1 hour');
select is((
    select jsonb_array_length(secrets) from jobforge_list_destinations(tests.tenant('acme'))),
  1, 'after the overlap there is one');

select * from finish();
rollback;
