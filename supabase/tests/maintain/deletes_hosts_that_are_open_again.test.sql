begin;
select plan(1);

select tests.freeze();
select jobforge_close_host(tests.tenant('acme'), 'short.example.com', 1000),
  jobforge_close_host(tests.tenant('acme'), 'long.example.com', 3600000);
select tests.advance('10 seconds');
select tests.maintain();
select results_eq('select host from jobforge.closed_hosts', array['long.example.com'],
  'and no others');

select * from finish();
rollback;
