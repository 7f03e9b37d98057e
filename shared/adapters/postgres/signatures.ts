import type { Sql } from "postgres";

/** A public function of JobForge, as the catalog describes it. */
export interface Signature {
  name: string;
  /** SQL types by the names of the arguments. */
  types: Record<string, string>;
  returnsSet: boolean;
  returnsVoid: boolean;
  /** Value of `statement_timeout` that the function is declared with, if it is. */
  timeout: string | null;
}

/** Reads the signatures of the functions that the Data API serves. */
export async function readSignatures(sql: Sql): Promise<ReadonlyMap<string, Signature>> {
  const rows = await sql<{ signature: string }[]>`
    select json_build_object('name', p.proname, 'returnsSet', p.proretset,
      'returnsVoid', p.prorettype = 'void'::regtype,
      'timeout', (
        select substr(setting, length('statement_timeout=') + 1) from unnest(p.proconfig) as setting
        where starts_with(setting, 'statement_timeout=')),
      'types', coalesce((
        select json_object_agg(given.name, format_type(given.type, null))
        from unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) as given (name, type)),
        '{}'))::text as signature
    from pg_catalog.pg_proc as p
    where p.pronamespace = 'public'::regnamespace and starts_with(p.proname, 'jobforge_')
  `;
  const signatures = rows.map(({ signature }) => JSON.parse(signature) as Signature);
  return new Map(signatures.map((signature) => [signature.name, signature]));
}

/**
 * Returns the statement that calls a function as the Data API does, or undefined when it has no
 * such argument. `$1` is a JSON object with the arguments `names`, `$2` the most bytes of a reply.
 */
export function callStatement(signature: Signature, names: readonly string[]): string | undefined {
  const { name, types, returnsSet, returnsVoid } = signature;
  if (!names.every((argument) => Object.hasOwn(types, argument))) return undefined;
  const columns = names.map((argument) => `${argument} ${types[argument]}`);
  const given = names.map((argument) => `${argument} => given.${argument}`);
  const call = `public.${name}(${given.join(", ")})`;
  const from = names.length > 0
    ? `from json_to_record($1::text::json) as given (${columns.join(", ")})`
    : `from (select $1::text::json) as given`;
  const body = returnsVoid
    ? `select nullif(${call}::text, '') as body ${from}`
    : returnsSet
    ? `select coalesce(json_agg(result), '[]')::text as body ${from} cross join lateral ${call} as result`
    : `select to_json(${call})::text as body ${from}`;
  return `select octet_length(reply.body) as bytes,
      case when octet_length(reply.body) <= $2::int then reply.body end as body
    from (${body} offset 0) as reply`;
}
