begin;
select plan(2);

select tests.freeze();
select tests.start_run();
select tests.advance('46 seconds');
select jobforge_dispatch();
select is((tests.run()).state, 'lost', 'nothing was heard of it for longer than its lease');
select tests.refuses('select jobforge_heartbeat(tests.run_id())', 'run_ended', 'it is too late');

select * from finish();
rollback;
