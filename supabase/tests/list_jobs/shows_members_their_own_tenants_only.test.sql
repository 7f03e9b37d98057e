begin;
select plan(5);

select tests.enqueue('ours');
select tests.enqueue('theirs', p_tenant => 'globex');
select tests.as_member('acme');
select is(jobforge_list_jobs() #>> '{jobs,0,id}', tests.id('ours')::text, 'their own job');
select is(jsonb_array_length(jobforge_list_jobs() -> 'jobs'), 1, 'and nothing else');
select tests.refuses($$select jobforge_list_jobs(tests.tenant('globex'))$$, 'forbidden');
select tests.as_stranger();
select tests.refuses($$select jobforge_list_jobs()$$, 'forbidden');
select tests.as_anon();
select tests.denies($$select jobforge_list_jobs()$$);

select * from finish();
rollback;
