import { readProjectText } from "./project_files.ts";

const BOOTSTRAP = ["01_roles", "02_schemas", "03_cron", "04_net", "05_vault", "06_auth"];

/** PGlite has these extensions only if they are loaded, and JobForge needs none of them. */
const EXTENSION = /^create extension "?([\w-]+)"? with schema (\w+);$/gm;

/** Returns the SQL that makes an empty database one for tests: a project, then JobForge's schema. */
export async function testingSql(schema: string): Promise<string> {
  const parts = BOOTSTRAP.map((name) => readProjectText(`local/postgres/bootstrap/${name}.sql`));
  const bootstrap = (await Promise.all(parts)).join("\n").replace(EXTENSION, (_, name, into) =>
    `\
do $$
begin
  if exists (select from pg_available_extensions where name = '${name}') then
    create extension "${name}" with schema ${into};
  end if;
end
$$;`);
  return `${bootstrap}
alter schema public owner to postgres;
do $$
begin
  execute format('grant create on database %I to postgres', current_database());
end
$$;
set local role postgres;
${schema}
reset role;
`;
}
