begin;
select plan(6);

select tests.enqueue('ours');
select tests.enqueue('theirs', p_tenant => 'globex');
select tests.as_member('acme');
select is(jobforge_get_job(tests.id('ours'))::jsonb ->> 'id', tests.id('ours')::text,
  'their own job');
select tests.refuses($$select jobforge_get_job(tests.id('theirs'))$$, 'not_found');
select tests.refuses($$select jobforge_get_job(gen_random_uuid())$$, 'not_found');
select tests.refuses(
  $$select jobforge_get_job(tests.id('theirs'), tests.tenant('globex'))$$, 'forbidden');
select tests.as_stranger();
select tests.refuses($$select jobforge_get_job(tests.id('ours'))$$, 'forbidden');
select tests.as_anon();
select tests.denies($$select jobforge_get_job(tests.id('ours'))$$);

select * from finish();
rollback;
