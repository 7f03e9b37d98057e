begin;
select plan(15);

create function pg_temp.raised(p_message text, p_hint text, p_what text default 'message')
returns text
language plpgsql
as $$
declare
  v_message text;
  v_detail text;
  v_hint text;
begin
  perform jobforge.fail('invalid_argument', p_message, p_hint);
  return 'no error';
exception when sqlstate 'PT400' then
  get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail,
    v_hint = pg_exception_hint;
  return case p_what when 'message' then v_message when 'detail' then v_detail else v_hint end;
end
$$;

select is(pg_temp.raised('p_limit must be from 1 to 10', null), 'p_limit must be from 1 to 10',
  'a message is as it was written');
select is(pg_temp.raised('x', '{"limit": 5}', 'hint'), '{"limit": 5}', 'a hint too');
select is(pg_temp.raised('x', '{"limit": 5}', 'detail'), 'invalid_argument',
  'the detail is the code');
select is(pg_temp.raised(E'a\r\nSet-Cookie: x=1', null), 'a??Set-Cookie: x=1',
  'no line break leaves');
select is(pg_temp.raised(format('%s must be plain', E'\t\x01\x1b\x7f'), null), '???? must be plain',
  'no control character leaves');
select is(pg_temp.raised(U&'\0085\2028\202E\FEFFé', null), '?????',
  'nothing else beyond ASCII leaves, neither separators nor signs of direction');
select is(pg_temp.raised('must be 0–59', null), 'must be 0–59', 'a range keeps its dash');
select is(length(pg_temp.raised(repeat('long ', 100000), null)), 200, 'a message is short');
select is(right(pg_temp.raised(repeat('long ', 100000), null), 3), '...',
  'and says that it was cut');
select is(length(pg_temp.raised('x', repeat('long ', 100000), 'hint')), 200, 'a hint is short');
select is(pg_temp.raised('x', E'a\r\nb', 'hint'), 'a??b', 'a hint is one line');
select is(
  pg_temp.raised(format('"type" for uuid: "%s" and "b"', repeat('v', 5000)), null),
  format('"type" for uuid: "%s"', repeat('v', 40)),
  'a value in double quotes is cut to 40 characters');
select is(pg_temp.raised(format('invalid "%s", must be a uuid', repeat('v', 50)), null),
  format('invalid "%s", must be a uuid', repeat('v', 40)), 'and what follows stays');
select isnt(pg_temp.raised(null, null), null, 'a missing message raises all the same');

-- A collation may count separators as printable.
select is(jobforge.short_error('P0001', U&'a\2028\202E b' collate "en-x-icu"), 'P0001: a  b',
  'a caught error is one line in any collation');

select * from finish();
rollback;
