import type { Stage } from "../stage.ts";
import type { PlantedSecrets } from "./secrets.ts";

/** Columns that hold what a tenant gave or its handlers returned: the only home of those. */
const DATA_COLUMNS: Record<string, string[]> = {
  "jobforge.jobs": ["payload"],
  "public.jobforge_job_results": ["result"],
  // The platform stores ciphertext, the stand-in keeps the text.
  "vault.secrets": ["secret"],
};
const LOGS = ["worker", "enqueue", "webhook-verify", "gateway", "data-api", "cron", "net"];

/** An answer of a function: where it came from and all of its text. */
export interface Answer {
  flow: string;
  text: string;
}

/** Every place a planted secret was found in: `<planted secret> in <place>`. */
export async function search(
  stage: Stage,
  plantedSecrets: PlantedSecrets,
  answers: readonly Answer[],
): Promise<string[]> {
  const places = [
    ...LOGS.map((part) => ({ place: `log ${part}`, text: stage.stack.logs(part).join("\n") })),
    ...answers.map(({ flow, text }) => ({ place: `an answer of: ${flow}`, text })),
    ...await tables(stage),
  ];
  return places.flatMap(({ place, text }) => {
    const found = Object.entries(plantedSecrets).filter(([, secret]) => holds(text, secret));
    return found.map(([name]) => `${name} in ${place}`);
  });
}

/** As it is, and as bytes of the database or of a header would show it. */
function holds(text: string, secret: string): boolean {
  const bytes = new TextEncoder().encode(secret);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [secret, hex, btoa(secret).replace(/=+$/, "")].some((form) => text.includes(form));
}

/** Every row of every table of every schema, as text. */
async function tables(stage: Stage): Promise<{ place: string; text: string }[]> {
  const names = await stage.sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm', 'p') and n.nspname !~ '^(pg_|information_schema)'`;
  return await Promise.all(names.map(async ({ name }) => {
    const left = JSON.stringify(DATA_COLUMNS[name] ?? []);
    const rows = await stage.sql.unsafe(
      `select (to_jsonb(t) - array(select jsonb_array_elements_text('${left}')))::text as row
      from ${name} as t`,
    );
    return { place: `table ${name}`, text: rows.map(({ row }) => row).join("\n") };
  }));
}
