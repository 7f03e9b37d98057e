import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";

const ROOT = new URL("..", import.meta.url).pathname;

/** What each part may import: other parts, and packages by name. */
const MAY_IMPORT: [part: RegExp, allowed: RegExp][] = [
  [/^shared\/core\//, /^(shared\/core\/|zod$)/],
  [/^shared\/worker\//, /^shared\/(core|worker)\//],
  [/^shared\/adapters\//, /^(shared\/(core|worker|adapters)\/|hono|node:|@supabase\/)/],
  [/^shared\/jobs\//, /^(shared\/(core|jobs)\/|zod$|csv-parse)/],
  [/^shared\/client\.ts$/, /^(shared\/(core|adapters)\/)/],
  [/^shared\/database\.types\.ts$/, /^$/],
  [/^supabase\/functions\/enqueue\//, /^(shared\/|supabase\/functions\/enqueue\/|hono|zod$)/],
  [/^supabase\/functions\/worker\//, /^(shared\/|supabase\/functions\/worker\/|hono|zod$)/],
];

const OUTSIDE_WORLD = /\b(Deno\.|fetch\(|Date\.now\(|performance\.|Math\.random\(|setTimeout\()/;

async function* sources(directory: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(join(ROOT, directory))) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (/\.ts$/.test(path) && !/(_test|testing)\.ts$/.test(path)) yield path;
  }
}

async function allSources(): Promise<string[]> {
  const found = [
    ...await Array.fromAsync(sources("shared")),
    ...await Array.fromAsync(sources("supabase/functions")),
  ];
  return found.filter((path) => !path.includes("/testing/"));
}

async function importsOf(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(ROOT, path));
  const names = [...text.matchAll(/(?<![\w.])(?:from|import)\s*\(?\s*"([^"\s]+)"/g)].map((match) =>
    match[1]!
  );
  return names.map((name) =>
    name.startsWith(".") ? relative(ROOT, join(ROOT, dirname(path), name)) : name
  );
}

/** Everything a file pulls in, itself included. */
async function graphOf(path: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const name of await importsOf(path)) {
    if (name.endsWith(".ts")) await graphOf(name, seen);
  }
  return seen;
}

Deno.test("imports point one way: functions, adapters, core", async () => {
  for (const path of await allSources()) {
    const rule = MAY_IMPORT.find(([part]) => part.test(path));
    assert.ok(rule, `${path} belongs to no known part`);
    for (const name of await importsOf(path)) {
      assert.match(name, rule[1], `${path} must not import ${name}`);
    }
  }
});

Deno.test("shared/core does not touch the outside world", async () => {
  for (const path of await Array.fromAsync(sources("shared/core"))) {
    const code = (await Deno.readTextFile(join(ROOT, path))).replace(/^\s*(\/?\*|\/\/).*$/gm, "");
    assert.doesNotMatch(code, OUTSIDE_WORLD, path);
  }
});

Deno.test("enqueue is deployed without the handlers", async () => {
  const graph = await graphOf("supabase/functions/enqueue/index.ts");
  assert.ok(graph.has("shared/jobs/definitions.ts"));
  assert.deepEqual(
    [...graph].filter((path) => path.endsWith("handler.ts") && path.includes("jobs/")),
    [],
  );
});

Deno.test("enqueue reads no secret key from its environment", async () => {
  for (const path of await graphOf("supabase/functions/enqueue/index.ts")) {
    if (path.endsWith("/env.ts")) continue;
    const text = await Deno.readTextFile(join(ROOT, path));
    assert.doesNotMatch(text, /SECRET_KEY|SERVICE_ROLE_KEY/, path);
  }
});
