begin;
select plan(2);

select tests.setup(2);
select tests.start_run('one', 1);
select tests.fill('acme', 1000);
select tests.claim(1, 'one');
select is(jobforge_dispatch(), 1, 'one live run leaves one of two');
update jobforge.runs set state = 'undelivered', ticket_hash = null where state = 'pending';
select tests.start_run('two', 1);
select tests.claim(1, 'two');
select is(jobforge_dispatch(), 0, 'two leave none, however much they cannot hold');

select * from finish();
rollback;
