begin;
select plan(16);

-- As Realtime does: a probe is inserted, then it is read with the role and claims of the token.
create function pg_temp.may_join(p_topic text, p_extension text default 'broadcast')
returns boolean
language plpgsql
as $$
declare
  v_role constant text := current_setting('role');
  v_id constant uuid := gen_random_uuid();
  v_seen boolean;
begin
  perform set_config('role', 'none', true);
  insert into realtime.messages (id, topic, extension) values (v_id, p_topic, p_extension);
  perform set_config('realtime.topic', p_topic, true);
  perform set_config('role', v_role, true);
  v_seen := exists (select from realtime.messages where id = v_id);
  return v_seen;
end
$$;
create function pg_temp.topic(p_tenant text, p_more text default '')
returns text
language sql
as $$ select 'jobforge:' || tests.tenant(p_tenant) || p_more $$;

select tests.as_member('acme');
select ok(pg_temp.may_join(pg_temp.topic('acme')), 'a member joins its tenant');
select ok(pg_temp.may_join(pg_temp.topic('acme', ':' || gen_random_uuid())), 'and its jobs');
select ok(not pg_temp.may_join(pg_temp.topic('globex')), 'not another tenant');
select ok(not pg_temp.may_join(pg_temp.topic('globex', ':' || tests.tenant('acme'))),
  'nor its jobs, with the own tenant behind');
select ok(not pg_temp.may_join('jobforge'), 'nor all of them');
select ok(not pg_temp.may_join(pg_temp.topic('acme'), 'presence'), 'presence is closed');
select tests.as_stranger();
select ok(not pg_temp.may_join(pg_temp.topic('acme')), 'a stranger joins none');
select tests.as_owner();

create policy everything on realtime.messages using (true) with check (true);
select tests.as_member('acme');
select ok(not pg_temp.may_join(pg_temp.topic('globex')),
  'also beside a policy that lets the users of the application join every topic');
select ok(pg_temp.may_join(pg_temp.topic('acme')), 'the own tenant stays');
select ok(not pg_temp.may_join(pg_temp.topic('acme'), 'presence'), 'still without presence');
select ok(pg_temp.may_join('room:1', 'presence'), 'as do topics of the application');
select throws_ok(format($$ insert into realtime.messages (topic, extension)
  values (%L, 'broadcast') $$, pg_temp.topic('acme')), '42501', null, 'no client sends a hint');
select lives_ok($$ insert into realtime.messages (topic, extension)
  values ('room:1', 'broadcast') $$, 'it sends to topics of the application');
select tests.as_anon();
select ok(not pg_temp.may_join(pg_temp.topic('acme')), 'an anonymous caller joins none');
select ok(pg_temp.may_join('room:1'), 'and topics of the application as before');
select tests.as_owner();
select set_eq($$ select polname from pg_policy where polrelid = 'realtime.messages'::regclass
    and polname <> 'everything' $$, array['jobforge_hints_select_authenticated',
    'jobforge_hints_restrict_all', 'jobforge_hints_restrict_authenticated'], 'three policies');

select * from finish();
rollback;
