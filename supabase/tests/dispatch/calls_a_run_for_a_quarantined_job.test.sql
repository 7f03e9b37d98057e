begin;
select plan(1);

select tests.unused_project();
select tests.freeze();
select tests.quarantine('poison');
select tests.setup();
select is(jobforge_dispatch(), 1, 'it needs a run that holds nothing');

select * from finish();
rollback;
