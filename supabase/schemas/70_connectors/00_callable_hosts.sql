-- Hosts: their form, and the hosts and ports that no job can call under any configuration.
--
-- The egress client refuses them as well, from lists of its own in shared/core/egress. A
-- configuration that holds one would never match, so saving it is refused. Addresses that are not
-- public stay allowed, because a local project may open them by JOBFORGE_LOCAL_EGRESS.

create function jobforge.host_pattern(p_prefix text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '(?:' || p_prefix || '(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?[.])+'
    || '[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|' || octet || '(?:[.]' || octet || '){3})'
  from (values ('(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])')) as ipv4 (octet)
$$;
comment on function jobforge.host_pattern(text) is
  'A regular expression for an IPv4 address, or for p_prefix and a lower-case host name of two '
  'labels or more.';

create function jobforge.public_suffixes()
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{co.uk,org.uk,ac.uk,gov.uk,com.au,net.au,org.au,co.nz,co.jp,co.kr,co.in,co.za,com.br,
    com.cn,com.mx,com.tr,com.tw,com.sg,github.io,gitlab.io,vercel.app,netlify.app,pages.dev,
    workers.dev,herokuapp.com,fly.dev,onrender.com,web.app,firebaseapp.com,run.app,
    azurewebsites.net,cloudfront.net,amazonaws.com,appspot.com,supabase.co,ngrok.io,ngrok.app,
    ngrok-free.app,trycloudflare.com,deno.dev,nip.io,sslip.io,surge.sh,glitch.me,repl.co,r2.dev,
    netlify.com,vercel.dev}'::text[]
$$;
comment on function jobforge.public_suffixes() is
  'Suffixes under which any customer may register or deploy. A wildcard would allow all of them.';

create function jobforge.reserved_suffixes()
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{localhost,local,internal,localdomain,lan,home.arpa,corp,home,intranet,private,onion,
    invalid,test,arpa,metadata.goog}'::text[]
$$;
comment on function jobforge.reserved_suffixes() is
  'Names that never lead to a public service, at the end of a host or as all of it.';

create function jobforge.foreign_ports()
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '{0,1,7,9,13,19,20,21,22,23,25,37,43,53,69,79,110,111,113,119,123,135,137,138,139,143,
    161,162,179,389,427,445,465,512,513,514,515,540,548,554,587,601,636,873,989,990,993,995,1080,
    1433,1521,1719,1720,1723,2049,2181,2375,2376,3128,3306,3389,3659,4045,4190,5060,5061,5432,
    5433,5672,5900,6000,6379,6380,6432,6543,6566,6665,6666,6667,6668,6669,6697,9042,9092,9300,
    10080,11211,27017}'::int[]
$$;
comment on function jobforge.foreign_ports() is
  'Ports of other protocols, where an HTTP request could be taken for a command.';

create function jobforge.uncallable_host_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select '^[*][.](?:' || replace(array_to_string(jobforge.public_suffixes(), '|'), '.', '[.]')
    || ')$|(?:^|[.])(?:' || replace(array_to_string(jobforge.reserved_suffixes(), '|'), '.', '[.]')
    || ')$'
$$;
comment on function jobforge.uncallable_host_pattern() is
  'A regular expression for the entries of a host list that can never match a host.';

create function jobforge.uncallable_url_pattern()
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select E'[#\\\\]|^https://[^/:?]{254}|^https://(?:[^/:?]*[.])?(?:'
    || replace(array_to_string(jobforge.reserved_suffixes(), '|'), '.', '[.]') || ')(?:[:/?]|$)'
    || '|^https?://[^/?]*:(?:' || array_to_string(jobforge.foreign_ports(), '|')
    || '|6553[6-9]|655[4-9][0-9]|65[6-9][0-9]{2}|6[6-9][0-9]{3}|[7-9][0-9]{4})(?:[/?]|$)'
$$;
comment on function jobforge.uncallable_url_pattern() is
  'A regular expression for URLs with a reserved host, or a port that is none or not of HTTP.';

create function jobforge.names_own_project(p_config jsonb)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with own as (
    select substring(settings.project_url from '^https://([^/:]*[a-z][^/:]*)') as host
    from jobforge.settings)
  select exists (
    select
    from own, jsonb_array_elements_text(coalesce(p_config -> 'hosts', '[]')
      || jsonb_build_array(substring(p_config ->> 'url' from '^https://([^/:?]+)'))) as target
    where target in (own.host, regexp_replace(own.host, '^([^.]+)[.]', E'\\1.functions.'),
        regexp_replace(own.host, '^([^.]+)[.]', E'\\1.storage.'))
      or right(target, length(own.host) + 1) = '.' || own.host)
$$;
comment on function jobforge.names_own_project(jsonb) is
  'Whether a configuration names a host of this project, which no job may call.';
