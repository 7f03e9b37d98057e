begin;
select plan(2);

create function pg_temp.valid(p_host text) returns boolean language sql
return jobforge.problem_with_config('connector.http.request',
  jsonb_build_object('hosts', array[p_host])) is null;
select is(array(select n from generate_series(0, 299) as n
    where pg_temp.valid(n || '.1.1.1') and pg_temp.valid('1.1.1.' || n)),
  array(select generate_series(0, 255)), 'a number of an address is from 0 to 255');
select results_eq($$ select host, pg_temp.valid(host)
    from unnest(array['01.1.1.1', '1.1.1', '1.1.1.1.1', 'a.b', 'a', 'a-b.c', '-a.b', 'a-.b',
      'a.b-', '1a.b', 'a.1b', '*.a.b', '*.b', '*a.b', 'a.*.b', 'a_b.c']) as host $$,
  $$ values ('01.1.1.1', false), ('1.1.1', false), ('1.1.1.1.1', false), ('a.b', true),
    ('a', false), ('a-b.c', true), ('-a.b', false), ('a-.b', false), ('a.b-', false),
    ('1a.b', true), ('a.1b', false), ('*.a.b', true), ('*.b', false), ('*a.b', false),
    ('a.*.b', false), ('a_b.c', false) $$,
  'a name has two labels, and the last begins with a letter');

select * from finish();
rollback;
