begin;
select plan(2);

select tests.freeze();
select tests.fill('acme', 50);
select tests.advance('1 microsecond');
select tests.fill('globex', 50);
select tests.advance('1 second');
select tests.fill('initech', 50);

select is(
  (select string_agg(tenant, ' ' order by last)
    from (select tests.tenant_name(tenant_id) as tenant, max(id::text) as last,
        min(id::text) as first from jobforge_jobs group by 1) as t),
  'acme globex initech', 'later jobs have larger ids, from one microsecond to the next');
select is(
  (select count(*) from jobforge_jobs as a join jobforge_jobs as b
      on a.id > b.id and a.tenant_id = tests.tenant('acme') and b.tenant_id = tests.tenant('globex')),
  0::bigint, 'no id of an earlier call is above one of a later call');

select * from finish();
rollback;
