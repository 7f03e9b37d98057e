begin;
select plan(3);

select tests.sealed_log();

select is(
  jobforge_verify_audit() - 'head',
  '{"intact": true, "problems": [], "next_seq": null, "unsealed": 0}', 'it is intact');
select is(
  jobforge_verify_audit(0, 2) -> 'next_seq', '2', 'a long log is read in pages');
select is(jobforge_verify_audit(2, 2) -> 'intact', 'true', 'from anywhere');

select * from finish();
rollback;
