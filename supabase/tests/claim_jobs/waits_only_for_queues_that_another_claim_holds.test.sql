begin;
select plan(2);

select tests.unused_project();
select is(jobforge.wait_for_a_queue(), false,
  'without a runnable queue there is nothing to wait for');
select tests.fill('acme', 1);
update jobforge.queues set runnable = true;
select is(jobforge.wait_for_a_queue(), true, 'with one it waits a moment');

select * from finish();
rollback;
