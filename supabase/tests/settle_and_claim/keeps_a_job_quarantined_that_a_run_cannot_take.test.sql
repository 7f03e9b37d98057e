begin;
select plan(4);

select tests.freeze();
select tests.quarantine('killer');
select tests.enqueue('other', '{"type": "other.job"}');
select tests.start_run('others');
update jobforge.runs set types = '{other.job}' where id = tests.run_id('others');
select is(
  array(select tests.claim(10, 'others')), '{other}', 'a run of other types does not get it');
select is(tests.status('killer'), 'queued', 'it waits aside');
select tests.enqueue('more', '{"type": "other.job"}');
select tests.start_run('all');
select is(array(select tests.claim(10, 'all')), '{killer}', 'a run that takes it gets it alone');
select is((tests.run('all')).alone, true, 'as a quarantined job');

select * from finish();
rollback;
