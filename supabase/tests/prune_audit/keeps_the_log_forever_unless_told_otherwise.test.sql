begin;
select plan(2);

select tests.sealed_log();
select is(jobforge.prune_audit(now() + interval '100 years', 5000), 0, 'without a retention');
select jobforge_configure_audit_retention(30);
select jobforge_configure_audit_retention(null);
select is(jobforge.prune_audit(now() + interval '100 years', 5000), 0, 'or when it was taken back');

select * from finish();
rollback;
