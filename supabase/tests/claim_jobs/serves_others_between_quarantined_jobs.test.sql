begin;
select plan(1);

-- Otherwise a tenant whose jobs kill their workers would come before all others.
select tests.freeze();
select tests.fill('acme', 20);
select tests.quarantine_ready();
select tests.enqueue('other', '{}', 'globex');
select tests.start_run();
create function pg_temp.claim_and_settle()
returns void
language plpgsql
as $$
begin
  perform tests.claim(10);
  perform tests.settle_all('succeeded');
end
$$;
select pg_temp.claim_and_settle() from generate_series(1, 3);
select is(
  tests.status('other'), 'succeeded', 'the job of another tenant runs within three claims');

select * from finish();
rollback;
