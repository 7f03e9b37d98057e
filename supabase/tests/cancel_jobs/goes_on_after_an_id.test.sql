begin;
select plan(3);

select tests.freeze();
select tests.enqueue_each('one', 'two', 'three');
select is(jobforge_cancel_jobs(tests.tenant('acme'), p_after => tests.id('one'),
  p_dry_run => false) -> 'count', '2', 'those after it');
select is(array[tests.status('one'), tests.status('two'), tests.status('three')],
  '{queued,canceled,canceled}', 'and not that one');
select is(jobforge_retry_jobs(tests.tenant('acme'), '{"status": "canceled"}',
  p_after => tests.id('two'), p_dry_run => false) -> 'count', '1', 'a retry as well');

select * from finish();
rollback;
