begin;
select plan(7);

select tests.freeze();
select tests.start_run();
select tests.fill('acme', 4);
select tests.fill('globex', 2);
select tests.claim(6);
select tests.settle_all('failed');
select tests.fill('acme', 3);
select jobforge.roll_up(jobforge.clock());
select is(jobforge_overview() -> 'ready', '3', 'a service sees all');
select is(jobforge_overview() #> '{last_5_minutes,failed}', '6', 'also what ended');
select is(jobforge_overview() #> '{live_runs,0,worker}', '"worker"', 'and the runs');
select tests.as_member('globex');
select is(jobforge_overview() -> 'ready', '0', 'a member what is theirs');
select is(jobforge_overview() #> '{last_hour,failed}', '2', 'also of what ended');
select is(jobforge_overview() ?| '{runs,live_runs}', false, 'and no runs');
select tests.refuses($$select jobforge_overview(tests.tenant('acme'))$$, 'forbidden');

select * from finish();
rollback;
