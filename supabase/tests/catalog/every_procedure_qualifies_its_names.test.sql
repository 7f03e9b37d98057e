begin;
select plan(3);

create temp table ours as
  select p.oid::regprocedure as procedure, p.prosrc, p.prosecdef, p.oid
  from pg_proc as p
  where p.prokind = 'p' and (p.pronamespace = 'jobforge'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proname like 'jobforge\_%');
select results_eq('select procedure::text from ours', array['jobforge.maintain()'],
  'a procedure that commits can pin no search_path, so there is one');
-- Without comments and texts, what is called has its schema, and so has each operator.
select is_empty($$
  select distinct m[1]
  from ours, regexp_replace(prosrc, '--[^\n]*|''[^'']*''', '', 'g') as code,
    regexp_matches(code,
      '(?<![.a-z_])(?!operator\M)[a-z_]+\s*\(|[^:.=][-+*/<>=~|]+[^)=>]', 'g') as m
$$, 'no function or operator is searched for in the path of the caller');
select is_empty($$
  select procedure from ours
  where prosecdef or has_function_privilege('service_role', oid, 'execute')
$$, 'it has the rights of its caller, and only the owner may call it');

select * from finish();
rollback;
