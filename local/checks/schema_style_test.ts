import assert from "node:assert/strict";
import { basename } from "node:path/posix";
import { filesBelow, readText } from "./source.ts";

/**
 * The fixed aliases. A self join adds a word, as in `q_asleep`. Other relations go by their full name,
 * and where one stands twice in a statement, the second by a telling word.
 */
const ALIASES: Record<string, string> = {
  "public.jobforge_jobs": "j",
  "jobforge.jobs": "j",
  "jobforge.queues": "q",
  "jobforge.runs": "r",
  "jobforge.unsuccessful_attempts": "a",
  "public.jobforge_job_attempts": "a",
  "jobforge.job_types": "t",
  "jobforge.idempotency_keys": "k",
};

const texts = new Map<string, string>();
for (const file of await filesBelow("supabase/schemas")) texts.set(file, await readText(file));

Deno.test("each public function stands in the file of its name", () => {
  const misplaced = [...texts].flatMap(([file, text]) =>
    [...text.matchAll(/^create function public\.jobforge_(\w+)/gm)]
      .filter(([, name]) => basename(file) !== `${name}.sql`)
      .map(([, name]) => `${name} in ${file}`)
  );
  assert.deepEqual(misplaced, []);
});

Deno.test("relations have their fixed alias or none", () => {
  assert.deepEqual([...texts].flatMap(([file, text]) => wrongAliases(text, file)), []);
});

Deno.test("an alias beside the table of aliases is found", () => {
  const text = "select from jobforge.settings as s join public.jobforge_jobs as job on true";
  assert.deepEqual(wrongAliases(text, "f"), [
    "f: jobforge.settings as s",
    "f: public.jobforge_jobs as job",
  ]);
  assert.deepEqual(
    wrongAliases("select from jobforge.runs as r_old, f(jobforge.claims()) as c", ""),
    [],
  );
});

function wrongAliases(text: string, file: string): string[] {
  const relation = /\b(?:from|join|update|into|using|,)\s+((?:public|jobforge)\.\w+) as (\w+)/g;
  return [...text.matchAll(relation)].filter(([, name, alias]) => {
    const fixed = ALIASES[name!];
    return fixed ? alias !== fixed && !alias!.startsWith(`${fixed}_`) : alias!.length < 4;
  }).map(([, name, alias]) => `${file}: ${name} as ${alias}`);
}
