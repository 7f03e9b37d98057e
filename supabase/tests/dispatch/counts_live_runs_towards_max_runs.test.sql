begin;
select plan(3);

select tests.setup(2);
select tests.start_run('one', 1);
select tests.fill('acme', 1000);
select tests.claim(1, 'one');
select is(tests.call_count(), 1, 'a run that is full after its first claim calls for one more');
select is(jobforge_dispatch(), 0, 'which is on its way');
update jobforge.runs set state = 'undelivered', ticket_hash = null where state = 'pending';
select tests.start_run('two', 1);
select tests.claim(1, 'two');
select is(jobforge_dispatch(), 0, 'two leave none, however much they cannot hold');

select * from finish();
rollback;
