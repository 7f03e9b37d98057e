-- Rules of names, one each, compared with shared/core/job/names.ts by a test.

create function jobforge.name_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select '^[a-z][a-z0-9_.-]{0,62}$' $$;
comment on function jobforge.name_pattern() is
  'Regular expression for the name of a queue, a schedule or a connector configuration.';

create function jobforge.type_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select '^[A-Za-z][A-Za-z0-9_.:-]{0,127}$' $$;
comment on function jobforge.type_pattern() is 'Regular expression for the name of a job type.';

create function jobforge.event_type_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select '^[A-Za-z0-9_-]+(?:[.][A-Za-z0-9_-]+)*$' $$;
comment on function jobforge.event_type_pattern() is
  'Regular expression for the event type of a message, of up to 128 characters.';

create function jobforge.webhook_schemes()
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['standard-webhooks', 'svix', 'clerk', 'resend', 'supabase-auth', 'polar', 'stripe',
    'github', 'slack', 'shopify', 'linear', 'paddle', 'lemonsqueezy', 'twilio', 'sendgrid',
    'discord', 'intercom', 'zoom', 'hubspot', 'jobforge', 'custom']
$$;
comment on function jobforge.webhook_schemes() is
  'The signature schemes that webhook-verify supports.';
