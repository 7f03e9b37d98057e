import { connect, type Sql } from "../postgres/database.ts";

/** One property of a database object, such as the definition of a function. */
export interface Entry {
  object: string;
  property: string;
  value: string;
}

/** A catalog snapshot: everything JobForge owns in a database, sorted. */
export type Snapshot = Entry[];

const VIEWS = ["objects", "access", "definitions"];

/**
 * Reads the definition of everything that JobForge owns, and the rows of its tables without their
 * moments. `url` belongs to a superuser of a database that no job has run in yet.
 */
export async function catalogSnapshot(url: string): Promise<Snapshot> {
  const sql = connect(url);
  try {
    return await sql.begin(async (transaction) => {
      await transaction`set local search_path = pg_catalog`;
      for (const name of VIEWS) await transaction.unsafe(await readView(name));
      const entries = await transaction<Entry[]>`
        select name as object, property, coalesce(value, '') as value
        from properties
        order by name collate "C", property collate "C", value collate "C"
      `;
      const rows = await readRows(transaction as unknown as Sql);
      return [...entries, ...rows];
    });
  } finally {
    await sql.end();
  }
}

function readView(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`./catalog/${name}.sql`, import.meta.url));
}

/** Rows that the schema files insert, such as defaults. Their moments differ in every database. */
async function readRows(sql: Sql): Promise<Entry[]> {
  const tables = await sql<{ name: string; moments: string[] }[]>`
    select
      c.oid::regclass::text as name,
      coalesce(array_agg(a.attname::text) filter (where a.atttypid = 'timestamptz'::regtype), '{}')
        as moments
    from relations c
    join columns a on a.attrelid = c.oid
    where c.relkind in ('r', 'p')
    group by c.oid
    order by c.oid::regclass::text collate "C"
  `;
  const entries: Entry[] = [];
  for (const { name, moments } of tables) {
    const rows = await sql.unsafe<{ value: string }[]>(
      `select (to_jsonb(t) - $1::text[])::text as value from ${name} t order by 1`,
      [moments],
    );
    for (const { value } of rows) {
      entries.push({ object: `row of ${name} ${value}`, property: "exists", value: "" });
    }
  }
  return entries;
}

/** Returns the snapshot as text, one line or more for an entry. */
export function snapshotLines(snapshot: Snapshot): string[] {
  return snapshot.map(({ object, property, value }) => `${object}: ${property}: ${value}`);
}

/** Returns what differs, `-` before what only `before` has and `+` before what only `after` has. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const [old, fresh] = [byObject(before), byObject(after)];
  const objects = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return objects.flatMap((object) => {
    const [left, right] = [old.get(object), fresh.get(object)];
    if (!right) return [`- ${object}`];
    if (!left) return [`+ ${object}`];
    const properties = [...new Set([...left.keys(), ...right.keys()])].sort();
    return properties
      .filter((property) => left.get(property) !== right.get(property))
      .flatMap((property) => difference(object, property, left.get(property), right.get(property)));
  });
}

function byObject(snapshot: Snapshot): Map<string, Map<string, string>> {
  const objects = new Map<string, Map<string, string>>();
  for (const { object, property, value } of snapshot) {
    const properties = objects.get(object) ?? new Map<string, string>();
    objects.set(object, properties.set(property, value));
  }
  return objects;
}

/** Shows the first line that differs, which is enough to find the place. */
function difference(
  object: string,
  property: string,
  before: string | undefined,
  after: string | undefined,
): string[] {
  const [old, fresh] = [before?.split("\n"), after?.split("\n")];
  const longest = Math.max(old?.length ?? 0, fresh?.length ?? 0);
  let line = 0;
  while (line < longest && old?.[line] === fresh?.[line]) line++;
  const place = longest > 1 ? `${object}: ${property}, line ${line + 1}` : `${object}: ${property}`;
  return [
    ...(old?.[line] === undefined ? [] : [`- ${place}: ${old[line]}`]),
    ...(fresh?.[line] === undefined ? [] : [`+ ${place}: ${fresh[line]}`]),
  ];
}
