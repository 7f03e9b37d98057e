begin;
select plan(2);

create function pg_temp.base64(p_bytes int) returns text language sql
return translate(encode(convert_to(repeat('x', p_bytes), 'UTF8'), 'base64'), E'\n', '');
create function pg_temp.usable(p_form text, variadic p_values text[]) returns text language sql
return (select string_agg(case when jobforge.problem_with_secret(p_form, value) is null
    then 'yes' else 'no' end, ' ' order by n)
  from unnest(p_values) with ordinality as given (value, n));
select results_eq($$
  select * from (values
    (1, pg_temp.usable('text', repeat('x', 15), repeat('x', 16), repeat('ä', 8))),
    (2, pg_temp.usable('base64', pg_temp.base64(15), pg_temp.base64(16), pg_temp.base64(17))),
    (3, pg_temp.usable('standard', pg_temp.base64(15), pg_temp.base64(16),
      'whsec_' || pg_temp.base64(15), 'v1,whsec_' || pg_temp.base64(16))),
    (4, pg_temp.usable('signing', 'whsec_' || pg_temp.base64(23), 'whsec_' || pg_temp.base64(24),
      'whsec_' || pg_temp.base64(64), 'whsec_' || pg_temp.base64(65))),
    (5, pg_temp.usable('signing', 'whsec_' || pg_temp.base64(25),
      'whsec_' || rtrim(pg_temp.base64(25), '='), 'whsec_' || pg_temp.base64(25) || '=')),
    (6, pg_temp.usable('hex', repeat('0f', 15), repeat('0F', 16), repeat('0f', 16) || '0')),
    (7, pg_temp.usable('ed25519', repeat('a', 63), repeat('a', 64), repeat('a', 65))),
    (8, pg_temp.usable('p256',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE' || repeat('a', 84) || 'A==',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE' || repeat('a', 85) || 'A==',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE' || repeat('a', 86) || 'A==')),
    (9, pg_temp.usable('header', 'one line', E'a\ttab', E'two\nlines', E'a\x7fdelete'))
  ) as c (n, usable)
$$, $$ values (1, 'no yes yes'), (2, 'no yes yes'), (3, 'no yes no yes'), (4, 'no yes yes no'),
  (5, 'yes no no'), (6, 'no yes no'), (7, 'no yes no'), (8, 'no yes no'), (9, 'yes no no no')
$$, 'of each form');
select results_eq($$ select jobforge.base64_bytes(value)
    from unnest(array['AAAA', 'AAA', 'AA', 'A', 'AA==', 'AAA=', 'AAA==', 'AB', 'AAB', 'A-_/', '',
      'A AA', 'AAAAA']) as value $$,
  '{3,2,1,0,1,2,2,0,0,3,0,0,0}'::int[], 'as base64 has them');

select * from finish();
rollback;
