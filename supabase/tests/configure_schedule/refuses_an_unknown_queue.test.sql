begin;
select plan(1);

select tests.refuses($$ select tests.schedule('a', '{"queue": "mail"}') $$, 'not_found');

select * from finish();
rollback;
