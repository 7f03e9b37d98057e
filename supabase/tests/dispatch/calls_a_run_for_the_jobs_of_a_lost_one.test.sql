begin;
select plan(1);

select tests.freeze();
select tests.setup();
select tests.start_run();
select tests.fill('acme', 10);
select tests.claim(10);
select tests.advance('46 seconds');
select is(jobforge_dispatch(), 1, 'in the same dispatch');

select * from finish();
rollback;
