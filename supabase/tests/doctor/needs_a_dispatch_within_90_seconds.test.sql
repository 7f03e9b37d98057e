begin;
select plan(4);

select tests.unused_project();
select from jobforge_setup('https://acme.supabase.co');
select tests.freeze();
select is(tests.finding('dispatcher'), 'false: it never ran', 'before the first');

select tests.dispatcher_ran('succeeded', jobforge.clock());
select tests.advance('5 seconds');
select is(tests.finding('dispatcher'), 'true: it succeeded 5 seconds ago',
  'after one that succeeded');
select tests.advance('86 seconds');
select is(tests.finding('dispatcher'), 'false: it succeeded 91 seconds ago', 'not when it stopped');

select tests.dispatcher_ran('failed', jobforge.clock());
select is(tests.finding('dispatcher'), 'false: it failed 0 seconds ago', 'nor when it failed');

select * from finish();
rollback;
