import { pgtap } from "@electric-sql/pglite/pgtap";
import { gunzipSync } from "node:zlib";
import type { Sql } from "../../../local/postgres/database.ts";

/** Makes pgTAP available in the schema `extensions`. `admin` is a superuser's connection. */
export async function installPgtap(admin: Sql): Promise<void> {
  await admin.unsafe("create schema if not exists extensions");
  const [available] = await admin`
    select exists (select from pg_available_extensions where name = 'pgtap') as extension,
      to_regproc('extensions.no_plan') is not null as installed
  `;
  if (available?.installed) return;
  if (available?.extension) await admin.unsafe("create extension pgtap with schema extensions");
  else await admin.unsafe(await pgtapScript());
}

/** pgTAP as SQL for the schema `extensions`. */
export async function pgtapScript(): Promise<string> {
  return `set search_path = extensions, pg_catalog;\n${await bundledScript()};\nreset search_path;`;
}

/** The npm package brings pgTAP as it is installed on a server. It is plain SQL. */
async function bundledScript(): Promise<string> {
  const { bundlePath } = await pgtap.setup(undefined as never, {});
  if (!bundlePath) throw new Error("@electric-sql/pglite ships no pgTAP any more");
  for (const [path, content] of tarEntries(gunzipSync(await Deno.readFile(bundlePath)))) {
    if (/\/pgtap--[\d.]+\.sql$/.test(path)) return new TextDecoder().decode(content);
  }
  throw new Error(`no pgtap--<version>.sql in ${bundlePath}`);
}

function* tarEntries(tar: Uint8Array): Generator<[path: string, content: Uint8Array]> {
  const text = (from: number, to: number) =>
    new TextDecoder().decode(tar.subarray(from, to)).replace(/\0.*$/s, "");
  for (let header = 0; tar[header];) {
    const size = parseInt(text(header + 124, header + 136), 8);
    const content = header + 512;
    yield [text(header, header + 100), tar.subarray(content, content + size)];
    header = content + Math.ceil(size / 512) * 512;
  }
}
