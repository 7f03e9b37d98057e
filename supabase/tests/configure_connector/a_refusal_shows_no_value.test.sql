begin;
select plan(4);

create function pg_temp.refusal(p_config jsonb, p_refs text[])
returns text
language plpgsql
as $$
declare
  v_message text;
  v_detail text;
  v_context text;
begin
  perform tests.connector('connector.webhook.deliver', p_config, p_refs);
  return 'none';
exception when others then
  get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail,
    v_context = pg_exception_context;
  return v_message || v_detail || v_context;
end
$$;
select isnt(pg_temp.refusal(config, refs), 'none', 'refused: ' || config::text)
from (values ('{"url": "https://c4nary@hooks.example.com/"}'::jsonb, '{vault:a}'::text[]),
  ('{"url": "https://hooks.example.com/"}', '{c4nary}')) as invalid (config, refs);
select unalike(pg_temp.refusal(config, refs), '%c4nary%', 'without what was refused')
from (values ('{"url": "https://c4nary@hooks.example.com/"}'::jsonb, '{vault:a}'::text[]),
  ('{"url": "https://hooks.example.com/"}', '{c4nary}')) as invalid (config, refs);

select * from finish();
rollback;
