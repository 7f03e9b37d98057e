begin;
select plan(4);

select tests.unused_project();
select jobforge.audit('change', tests.tenant('acme'), 'target', null) from generate_series(1, 5);
select is(jobforge.seal_audit(3), 3, 'no more than asked for');
select is(jobforge_verify_audit() -> 'unsealed', '2', 'the others wait');
select tests.run_cron();
select results_eq(
  'select seq from jobforge.audit_seals order by entry_id',
  'select n::bigint from generate_series(1, 5) as n', 'the dispatcher goes on without a gap');
select is(
  (select (hash, seq)::text from jobforge.audit_chain),
  (select (hash, seq)::text from jobforge.audit_seals order by seq desc limit 1),
  'and keeps the head');

select * from finish();
rollback;
