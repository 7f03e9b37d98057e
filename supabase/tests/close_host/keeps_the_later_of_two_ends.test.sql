begin;
select plan(3);

select tests.freeze();
select is(jobforge_close_host(tests.tenant('acme'), 'api.example.com', 60000), 60000, 'a minute');
select is(jobforge_close_host(tests.tenant('acme'), 'api.example.com', 5000), 60000, 'not less');
select is(jobforge_close_host(tests.tenant('acme'), 'api.example.com', 90000), 90000, 'but more');

select * from finish();
rollback;
