begin;
select plan(30);

select from jobforge_setup('https://abc.supabase.co');
select tests.refuses(
  format('select jobforge_setup(%L)', url), 'invalid_argument', coalesce(url, 'null'))
from unnest(array[
  null,
  '',
  'abc.supabase.co',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'ftp://abc.supabase.co',
  'http://abc.supabase.co',
  'http://localhost.example.com',
  'http://127.0.0.1.example.com',
  'http://127.0.0.2',
  'http://10.0.0.1',
  'https://',
  'https://abc.supabase.co/path',
  'https://abc.supabase.co//path',
  'https://abc.supabase.co?query',
  'https://abc.supabase.co#fragment',
  'https://abc.supabase.co:',
  'https://abc.supabase.co:port',
  'https://user@abc.supabase.co',
  'https://user:password@abc.supabase.co',
  'http://localhost@example.com',
  'https://abc.supabase.co ',
  ' https://abc.supabase.co',
  E'https://abc.supabase.co\n',
  E'https://abc.supabase.co\nhttps://example.com',
  E'x\nhttps://abc.supabase.co',
  'https://abc.supabase.co\path',
  'https://abc.supabase.co%2fpath',
  'https://[::1]']) as url;
select is(
  (select project_url from jobforge.settings), 'https://abc.supabase.co', 'none of them is kept');

select * from finish();
rollback;
