begin;
select plan(1);

select tests.freeze();
select tests.start_run();
select tests.enqueue('first');
select tests.enqueue('second');
select tests.claim();
select tests.settle('first', 'failed');
select jobforge_retry_job(tests.id('first'), tests.tenant('acme'));
select results_eq('select tests.claim()', array['first'], 'it comes before the second');

select * from finish();
rollback;
