begin;
select plan(1);

select tests.freeze();
select jobforge_configure_retention(null, null);
select tests.bring('done', 'succeeded');
select tests.advance('10 years');
select tests.run_cron();
select is(tests.status('done'), 'succeeded', 'after ten years');

select * from finish();
rollback;
