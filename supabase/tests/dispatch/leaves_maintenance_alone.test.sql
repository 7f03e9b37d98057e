begin;
select plan(3);

select tests.unused_project();
select tests.freeze();
select tests.schedule('often', '{"expression": "30 seconds"}');
select tests.advance('1 minute');
select jobforge_dispatch();
select is((select count(*) from jobforge_jobs), 0::bigint, 'schedules start without it');
select isnt_empty('select from jobforge.audit_seals where seq is null', 'so do seals');
select tests.maintain();
select is((select count(*) from jobforge_jobs), 1::bigint, 'as a task');

select * from finish();
rollback;
