begin;
select plan(2);

select tests.freeze();
select tests.setup(10);
select tests.start_run('worker', 100);
select tests.fill('acme', 100);
select is(jobforge_dispatch(), 0, 'a run with room for a hundred takes a hundred');
select tests.fill('acme', 1);
select is(jobforge_dispatch(), 1, 'one more needs another run');

select * from finish();
rollback;
