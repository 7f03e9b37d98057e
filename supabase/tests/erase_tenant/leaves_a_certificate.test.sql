begin;
select plan(5);

select tests.furnish('acme', 'globex');

create temp table certificate as select tests.erase('acme') as r;
select is((select r #> '{counts,jobforge.jobs}' from certificate), '6',
  'it counts what went');
select is(
  (select r ->> 'certificate_hash' from certificate),
  (select encode(sha256(convert_to((r - 'state' - 'certificate_hash')::text, 'UTF8')), 'hex')
    from certificate),
  'its hash covers its text');
select is(
  (select detail ->> 'certificate_hash' from jobforge_audit_log where action = 'erase_tenant'
    order by id desc limit 1),
  (select r ->> 'certificate_hash' from certificate), 'the audit log holds it');
select is(tests.erase('acme'), (select r from certificate), 'asked again it is the same');
select throws_ok(
  $$ update jobforge.erasures set tenant_id = gen_random_uuid() where true $$, '23514', null,
  'a finished erasure stores no tenant');

select * from finish();
rollback;
