begin;
select plan(3);

select tests.unused_project();
select tests.start_run('typed', 100, '[{"type": "test.job"}, {"type": "second.job"}]');
select tests.enqueue_each('one', 'two');
select tests.enqueue('other', '{"type": "other.job"}');
select tests.enqueue('second', '{"type": "second.job"}');
select set_eq($$ select tests.claim(9, 'typed') $$, '{one,two,second}'::text[],
  'what it takes');
create temp table aside as select ctid as place, id from jobforge.unclaimed;
delete from jobforge.wakeups;
select is_empty($$ select tests.claim(9, 'typed') $$, 'nothing more is there for it');
select results_eq('select ctid, id from jobforge.unclaimed', 'select place, id from aside',
  'and what others take was not touched');

select * from finish();
rollback;
