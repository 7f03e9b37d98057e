begin;
select plan(3);

select tests.freeze();
select tests.enqueue_each('poison 1', 'poison 2');
select tests.quarantine_ready();
select tests.fill('globex', 100);
select tests.start_run();
select results_eq('select tests.claim(10)', array['poison 1'], 'one of them');
select tests.settle_all('succeeded');
select is((select count(*) from tests.claim(10)), 10::bigint, 'then a batch of the others');
select tests.settle_all('succeeded');
select results_eq('select tests.claim(10)', array['poison 2'], 'then the next of them');

select * from finish();
rollback;
