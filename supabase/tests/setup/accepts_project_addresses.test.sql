begin;
select plan(10);

select lives_ok(format('select jobforge_setup(%L)', url), url)
from unnest(array['https://abc.supabase.co', 'https://abc.supabase.co/', 'https://jobs.example.com',
  'https://abc.supabase.co:8443', 'http://127.0.0.1:54321', 'http://localhost:54321',
  'http://localhost', 'http://kong:8000', 'http://supabase_kong_app:8000',
  'http://host.docker.internal:54321']) as url;

select * from finish();
rollback;
