-- Companies are the tenants. A user belongs to the one in app_metadata, which only the backend sets.
create table public.companies (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 100)
);
alter table public.companies enable row level security;
create policy companies_select_authenticated on public.companies for select to authenticated
  using (id = (select (auth.jwt() -> 'app_metadata' ->> 'tenant_id')::uuid));
grant select on public.companies to authenticated;

-- Makes the caller the first user of a new company. No user joins another one by its name: create
-- colleagues with auth.admin.createUser and the tenant_id of yours.
create function public.create_company(p_name text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_company uuid;
begin
  insert into public.companies (name) values (p_name) returning id into v_company;
  update auth.users
  set raw_app_meta_data = raw_app_meta_data || jsonb_build_object('tenant_id', v_company)
  where id = auth.uid() and not raw_app_meta_data ? 'tenant_id';
  if not found then
    raise exception 'you belong to a company already';
  end if;
  return v_company;
end
$$;
revoke execute on function public.create_company(text) from public, anon;
grant execute on function public.create_company(text) to authenticated;
