begin;
select plan(1);

select tests.refuses('select jobforge_configure_queue(null)', 'invalid_argument', 'which one?');

select * from finish();
rollback;
