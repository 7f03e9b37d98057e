begin;
select plan(6);

select tests.freeze();
select is(
  jobforge_close_host(tests.tenant('acme'), 'h' || wanted || '.example.com', wanted), given,
  format('%s ms', wanted))
from (values (0, 1000), (-5, 1000), (999, 1000), (1001, 1001), (3600001, 3600000),
  (2147483647, 3600000)) as c (wanted, given);

select * from finish();
rollback;
