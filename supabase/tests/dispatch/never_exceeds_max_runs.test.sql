begin;
select plan(3);

select tests.freeze();
select tests.setup(2);
select tests.fill('acme', 1000);
select is(jobforge_dispatch(), 2, 'two runs at most');
select is(jobforge_dispatch(), 0, 'and no more');
select tests.start_run('redeemed');
update jobforge.runs set state = 'undelivered', ticket_hash = null
where id = (select max(id) from jobforge.runs where state = 'pending');
select is(jobforge_dispatch(), 0, 'live and pending runs count together');

select * from finish();
rollback;
