begin;
select plan(7);

select tests.start_run('function', 10, '[
  {"type": "light"}, {"type": "heavy", "runs_on": "container"},
  {"type": "near", "runs_on": "edge"}]');
select is((tests.run('function')).types, '{light,near}', 'an edge worker leaves out heavy');
select tests.start_run('machine', 10, '[
  {"type": "light"}, {"type": "heavy", "runs_on": "container"},
  {"type": "near", "runs_on": "edge"}]',
  'container');
select is((tests.run('machine')).types, '{light,heavy}', 'a container leaves out near');
select is((tests.run('machine')).kind, 'container', 'its run is of its kind');
select tests.start_run('nothing', 10, '[{"type": "heavy", "runs_on": "container"}]');
select is((tests.run('nothing')).types, '{}', 'and not all, when nothing is left');
select tests.enqueue('job', '{"type": "heavy"}');
select is_empty($$ select tests.claim(5, 'nothing') $$, 'it claims no job');
select is((tests.job('job')).attempts, 0, 'no attempt is spent');
select is(tests.claim(5, 'machine'), 'job', 'the container claims it');

select * from finish();
rollback;
