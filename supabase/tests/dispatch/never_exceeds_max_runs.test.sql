begin;
select plan(2);

select tests.setup(2);
select tests.fill('acme', 1000);
select is(jobforge_dispatch(), 2, 'two runs at most');
select is(jobforge_dispatch(), 0, 'and no more');

select * from finish();
rollback;
