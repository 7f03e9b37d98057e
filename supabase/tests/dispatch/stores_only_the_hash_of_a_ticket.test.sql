begin;
select plan(3);

select tests.unused_project();
select tests.setup();
select tests.fill('acme', 1);
select jobforge_dispatch();
create temp table ticket as select body ->> 'ticket' as text from tests.calls();
select is(
  (select count(*) from jobforge.runs, ticket where runs::text like '%' || text || '%'
    or position(convert_to(text, 'utf8') in ticket_hash) > 0
    or ticket_hash = decode(text, 'hex')),
  0::bigint, 'no run holds the ticket, as text or bytes');
select is(
  (select ticket_hash from jobforge.runs), (select sha256(convert_to(text, 'utf8')) from ticket),
  'only its SHA-256');
select is(
  (select count(*) from jobforge_audit_log as a, ticket where a::text like '%' || text || '%'),
  0::bigint, 'nor does the audit log');

select * from finish();
rollback;
