begin;
select plan(2);

select lives_ok($$
  insert into jobforge.webhook_bodies (tenant_id, job_id, body)
  values (tests.tenant('acme'), gen_random_uuid(), decode(repeat('41', 5242880), 'hex'))
$$, '5 MiB');
select throws_ok($$
  insert into jobforge.webhook_bodies (tenant_id, job_id, body)
  values (tests.tenant('acme'), gen_random_uuid(), decode(repeat('41', 5242881), 'hex'))
$$, '23514', null, 'and no byte more');

select * from finish();
rollback;
