begin;
select plan(2);

update jobforge.settings set project_url = null;
select tests.refuses($$select jobforge_announce_url('http://evil.example.com')$$,
  'invalid_argument', 'as setup does');
select is((select project_url from jobforge.settings), null, 'nothing is stored');

select * from finish();
rollback;
