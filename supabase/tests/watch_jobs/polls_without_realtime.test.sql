begin;
select plan(9);

select tests.unused_project();
select tests.enqueue_each('job', 'next');
select tests.start_run();
select tests.watch();

create or replace function realtime.send(
  payload jsonb, event text, topic text, private boolean default true)
returns void language plpgsql as $$ begin raise exception 'Realtime is broken'; end $$;
set local client_min_messages = error;
select lives_ok('select tests.claim()', 'a hint that fails fails no claim');
select is(tests.status('job'), 'running', 'and undoes none');
select lives_ok($$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$,
  'nor an enqueue');
set local client_min_messages = warning;

drop policy jobforge_hints_restrict_all on realtime.messages;
select is(tests.watch('job'), 'realtime_missing', 'nothing is watched while a policy is missing');
select tests.setup();
select isnt(tests.watch('job'), 'realtime_missing', 'setup adds it again');

drop table realtime.messages cascade;
select is(tests.watch('job'), 'realtime_missing', 'nor without Realtime');
select lives_ok('select tests.setup()', 'which setup does not need');
set local client_min_messages = error;
select lives_ok($$ select tests.settle('job', 'succeeded') $$, 'jobs that are watched still end');
select is(tests.status('job'), 'succeeded', 'as they should');
select * from finish();
rollback;
