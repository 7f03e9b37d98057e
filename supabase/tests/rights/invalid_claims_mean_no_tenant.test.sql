begin;
select plan(56);

create temp table invalid (name, claims) as values
  ('a tenant_id that is no uuid', '{"app_metadata": {"tenant_id": "acme"}}'),
  ('a tenant_id with something after it',
    format('{"app_metadata": {"tenant_id": "%s "}}', tests.tenant('acme'))),
  ('a tenant_id without dashes', format('{"app_metadata": {"tenant_id": "%s"}}',
    replace(tests.tenant('acme')::text, '-', ''))),
  ('a tenant_id in braces',
    format('{"app_metadata": {"tenant_id": "{%s}"}}', tests.tenant('acme'))),
  ('an empty tenant_id', '{"app_metadata": {"tenant_id": ""}}'),
  ('a tenant_id that is null', '{"app_metadata": {"tenant_id": null}}'),
  ('a tenant_id that is a number', '{"app_metadata": {"tenant_id": 1}}'),
  ('a tenant_id that is an object', '{"app_metadata": {"tenant_id": {"id": 1}}}'),
  ('a list with a tenant and something else',
    format('{"app_metadata": {"tenant_ids": ["%s", "x"]}}', tests.tenant('acme'))),
  ('a list with a tenant and null',
    format('{"app_metadata": {"tenant_ids": ["%s", null]}}', tests.tenant('acme'))),
  ('a list in a list', format('{"app_metadata": {"tenant_ids": [["%s"]]}}', tests.tenant('acme'))),
  ('a list that is an object',
    format('{"app_metadata": {"tenant_ids": {"0": "%s"}}}', tests.tenant('acme'))),
  ('a list that is a text', format('{"app_metadata": {"tenant_ids": "%s"}}', tests.tenant('acme'))),
  ('a tenant_id that is a list',
    format('{"app_metadata": {"tenant_id": ["%s"]}}', tests.tenant('acme'))),
  ('a tenant_id that is a list beside a list',
    format('{"app_metadata": {"tenant_ids": ["%1$s"], "tenant_id": ["%1$s"]}}',
      tests.tenant('acme'))),
  ('a list that is null beside a tenant_id',
    format('{"app_metadata": {"tenant_ids": null, "tenant_id": "%s"}}', tests.tenant('acme'))),
  ('a list that is an object beside a tenant_id',
    format('{"app_metadata": {"tenant_ids": {}, "tenant_id": "%s"}}', tests.tenant('acme'))),
  ('a list that is a text beside a tenant_id',
    format('{"app_metadata": {"tenant_ids": "%1$s", "tenant_id": "%1$s"}}', tests.tenant('acme'))),
  ('a list with a huge number',
    format('{"app_metadata": {"tenant_ids": ["%s", 1e131071]}}', tests.tenant('acme'))),
  ('app_metadata that is a list',
    format('{"app_metadata": [{"tenant_id": "%s"}]}', tests.tenant('acme'))),
  ('a list with an empty list',
    format('{"app_metadata": {"tenant_ids": ["%s", []]}}', tests.tenant('acme'))),
  ('an empty list', '{"app_metadata": {"tenant_ids": []}}'),
  ('app_metadata that is a text',
    format('{"app_metadata": "{\"tenant_id\": \"%s\"}"}', tests.tenant('acme'))),
  ('a tenant in user_metadata',
    format('{"user_metadata": {"tenant_id": "%s"}}', tests.tenant('acme'))),
  ('a tenant at the top', format('{"tenant_id": "%s"}', tests.tenant('acme'))),
  ('the role service_role', format('{"role": "service_role", "app_metadata": {"tenant_id": "%s"}}',
    tests.tenant('acme'))),
  ('the role anon', format('{"role": "anon", "app_metadata": {"tenant_id": "%s"}}',
    tests.tenant('acme'))),
  ('no role', format('{"role": null, "app_metadata": {"tenant_id": "%s"}}', tests.tenant('acme')));
grant select on invalid to public;
select tests.fill('acme', 1);

create function pg_temp.rows_seen_with(p_claims text)
returns bigint
language plpgsql
as $$
begin
  perform tests.as_user_with(p_claims::jsonb);
  return (select count(*) from jobforge_jobs) + (select count(*) from jobforge_queues);
end
$$;
create function pg_temp.enqueue_with(p_claims text)
returns text
language plpgsql
as $$
begin
  perform tests.as_user_with(p_claims::jsonb);
  perform public.jobforge_enqueue_job(tests.tenant('acme'), 'test.job');
  return 'accepted';
exception when others then
  return sqlstate;
end
$$;
select is(pg_temp.rows_seen_with(claims), 0::bigint, name || ' shows no row') from invalid;
select is(pg_temp.enqueue_with(claims), '42501', name || ' enqueues nothing') from invalid;

select * from finish();
rollback;
