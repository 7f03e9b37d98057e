begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.schedule('first', '{"expression": "30 seconds"}', 'acme');
select tests.schedule('second', '{"expression": "31 seconds"}', 'globex');
-- What the application may do with its own trigger.
create function public.refuse_acme()
returns trigger
language plpgsql
as $$ begin
  if old.tenant_id = tests.tenant('acme') then
    raise exception 'not for acme';
  end if;
  return new;
end $$;
create trigger refuse_acme before update on public.jobforge_schedules
for each row execute function public.refuse_acme();
select tests.advance('31 seconds');
set local client_min_messages = error;
select lives_ok('select jobforge.fire_schedules(jobforge.clock(), 100)', 'one that fails');
select is((tests.scheduled('second')).started, 1::bigint, 'keeps no other from its time');

select * from finish();
rollback;
