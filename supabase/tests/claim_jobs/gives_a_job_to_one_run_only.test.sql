begin;
select plan(2);

select tests.start_run('one');
select tests.start_run('two');
select tests.enqueue('job');

select results_eq($$ select tests.claim(10, 'one') $$, array['job'], 'the first run gets it');
select is_empty($$ select tests.claim(10, 'two') $$, 'the second finds nothing');

select * from finish();
rollback;
