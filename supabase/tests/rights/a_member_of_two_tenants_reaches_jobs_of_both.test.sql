begin;
select plan(3);

select tests.enqueue('mine', '{}', 'acme');
select tests.enqueue('also mine', '{}', 'globex');
select tests.enqueue('theirs', '{}', 'initech');
select tests.as_member('acme', 'globex');
select lives_ok($$ select jobforge_cancel_job(tests.id('mine')) $$, 'one');
select lives_ok($$ select jobforge_cancel_job(tests.id('also mine')) $$, 'and the other');
select tests.refuses(
  $$ select jobforge_cancel_job(tests.id('theirs')) $$, 'not_found', 'and no third');

select * from finish();
rollback;
