-- What Supabase Realtime makes in the database of a project. `postgres` may add policies to its
-- table: on the platform by membership or, in newer projects, by the extension supautils.
do $$
begin
  if not exists (select from pg_roles where rolname = 'supabase_realtime_admin') then
    create role supabase_realtime_admin nologin noinherit;
  end if;
end
$$;
grant anon, authenticated, service_role to supabase_realtime_admin;
grant supabase_realtime_admin to postgres;

create schema realtime;
comment on schema realtime is
  'Development stand-in for Supabase Realtime. Broadcasts are sent by the JobForge local stack.';
grant usage on schema realtime to anon, authenticated, service_role, postgres;
grant all on schema realtime to supabase_realtime_admin;

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  primary key (id, inserted_at)
) partition by range (inserted_at);
create table realtime.messages_of_all_days partition of realtime.messages default;
create index on realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;
alter table realtime.messages enable row level security;
alter table realtime.messages owner to supabase_realtime_admin;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;
grant all on realtime.messages to postgres;

create function realtime.topic()
returns text
language sql stable
as $$ select nullif(current_setting('realtime.topic', true), '') $$;

-- An error of a broadcast becomes a warning, as on the platform.
create function realtime.send(
  payload jsonb, event text, topic text, private boolean default true)
returns void
language plpgsql
as $$
declare
  v_id constant uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (v_id, jsonb_build_object('id', v_id) || payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end
$$;

-- Delivered when the transaction commits, and never if it rolls back.
create function realtime.announce()
returns trigger
language plpgsql
as $$
begin
  perform pg_notify('jobforge_local_realtime', new.id::text);
  return null;
end
$$;
create trigger announce after insert on realtime.messages
  for each row when (new.event is not null) execute function realtime.announce();

alter function realtime.topic() owner to supabase_realtime_admin;
alter function realtime.send(jsonb, text, text, boolean) owner to supabase_realtime_admin;
