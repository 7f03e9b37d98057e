begin;
select plan(3);

-- Not by a function, which would hold the lock already.
insert into jobforge_connector_configs
  (tenant_id, connector, name, config, secret_refs, created_at, updated_at)
values (tests.tenant('acme'), 'connector.webhook.deliver', 'orders',
  '{"url": "https://hooks.example.com/in"}', array[tests.env_ref('HOOK')], now(), now());
create temp view locks as
select from pg_locks
where locktype = 'advisory' and pid = pg_backend_pid() and granted and classid = 1246708236
  and objid = hashtext(tests.tenant('acme')::text)::bigint & 4294967295;
savepoint before;
select jobforge_set_secret(tests.tenant('acme'), 'any', 'a value of 32 characters or more 1');
select isnt_empty('select from locks', 'a change of a secret holds the lock of its tenant');
rollback to before;
select is_empty('select from locks', 'for its transaction');
select jobforge_delete_destination(tests.tenant('acme'), 'orders');
select isnt_empty('select from locks', 'and so does a deletion, with any secret or none');

select * from finish();
rollback;
