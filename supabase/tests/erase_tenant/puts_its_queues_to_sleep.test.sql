begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.hold_job();
select tests.fill('acme', 3);
update jobforge.queues set runnable = true, wake_at = jobforge.clock();
select jobforge_erase_tenant(tests.tenant('acme'), 1);
select is((select count(*) from jobforge.queues where runnable), 0::bigint, 'no claim looks at it');
select is((select count(*) from jobforge.queues where wake_at is not null), 0::bigint,
  'and no dispatch');

select * from finish();
rollback;
