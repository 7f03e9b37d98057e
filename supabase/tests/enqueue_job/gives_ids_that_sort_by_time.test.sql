begin;
select plan(2);

select tests.freeze();
select tests.fill('acme', 50);
select tests.advance('1 microsecond');
select tests.fill('globex', 50);
select tests.advance('1 second');
select tests.fill('initech', 50);

select is(
  (select string_agg(t.tenant, ' ' order by t.first)
    from (
      select tests.tenant_name(tenant_id) as tenant, min(id::text) as first
      from jobforge_jobs group by 1) as t),
  'acme globex initech', 'later calls give larger ids');
select is(
  (select count(*) from jobforge_jobs as early join jobforge_jobs as late on early.id > late.id
    where early.tenant_id = tests.tenant('acme') and late.tenant_id = tests.tenant('globex')),
  0::bigint, 'without overlap, from one microsecond to the next');

select * from finish();
rollback;
