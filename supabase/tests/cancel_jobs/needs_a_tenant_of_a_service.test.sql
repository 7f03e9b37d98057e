begin;
select plan(1);

select tests.refuses('select jobforge_cancel_jobs()', 'invalid_argument');

select * from finish();
rollback;
