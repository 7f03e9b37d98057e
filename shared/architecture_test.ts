import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** Where each layer may import from; `npm` are the packages it may use. */
const LAYERS: Record<string, { imports: string[]; npm: string[] }> = {
  "shared/core/": { imports: ["shared/core/"], npm: ["zod", "croner"] },
  "shared/worker/": { imports: ["shared/worker/", "shared/core/"], npm: [] },
  "shared/adapters/": {
    imports: ["shared/adapters/", "shared/worker/", "shared/core/"],
    npm: ["hono", "@supabase/postgrest-js"],
  },
  "shared/jobs/": {
    imports: ["shared/jobs/", "shared/adapters/", "shared/core/"],
    npm: ["zod"],
  },
  "cli/": {
    imports: ["cli/", "shared/adapters/", "shared/core/", "local/dev_files.ts"],
    npm: ["commander", "@supabase/postgrest-js", "node:util"],
  },
  "shared/client.ts": { imports: ["shared/adapters/", "shared/core/"], npm: [] },
  "supabase/functions/enqueue/": {
    imports: ["supabase/functions/enqueue/", "shared/"],
    npm: ["hono", "zod"],
  },
  "supabase/functions/worker/": {
    imports: ["supabase/functions/worker/", "shared/"],
    npm: ["hono", "zod"],
  },
  "supabase/functions/webhook-verify/": {
    imports: [
      "supabase/functions/webhook-verify/",
      "shared/adapters/",
      "shared/core/",
      "shared/worker/",
    ],
    npm: ["hono"],
  },
  "dashboard/contract/": { imports: ["dashboard/contract/", "shared/core/"], npm: [] },
  "dashboard/app/": {
    imports: ["dashboard/app/", "dashboard/contract/", "shared/core/"],
    npm: ["preact", "preact/hooks", "uplot"],
  },
  "dashboard/server/": {
    imports: [
      "dashboard/server/",
      "dashboard/contract/",
      "dashboard/build.ts",
      "shared/adapters/",
      "shared/core/",
    ],
    npm: [],
  },
};

const PURE = ["shared/core/", "shared/worker/"];
const IMPURE =
  /\bDeno\.|\bfetch\(|\bDate\.now\(|\bperformance\.now\(|\bMath\.random\(|\bsetTimeout\(/;

/** Source files below a folder, as paths from the root. */
async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(`${path}/`));
    else if (/\.tsx?$/.test(path) && !/_test\.ts$|\/fake_\w+\.ts$/.test(path)) found.push(path);
  }
  return found;
}

const folders = ["shared/", "supabase/functions/", "cli/", "dashboard/"];
const files = (await Promise.all(folders.map(sources))).flat();
const texts = new Map<string, string>();
for (const file of files) texts.set(file, await Deno.readTextFile(new URL(file, ROOT)));

function importsOf(file: string, text = texts.get(file)!): string[] {
  const found = text.matchAll(/(?:from|import)\s+"([^"]+)"/g);
  return Array.from(found, ([, specifier]) => {
    if (!specifier!.startsWith(".")) return specifier!;
    return new URL(specifier!, new URL(file, ROOT)).href.slice(ROOT.href.length);
  });
}

Deno.test("imports point one way", () => {
  for (const file of files) {
    const layer = Object.keys(LAYERS).find((prefix) => file.startsWith(prefix));
    if (!layer) continue;
    const { imports, npm } = LAYERS[layer]!;
    for (const target of importsOf(file)) {
      const allowed = npm.includes(target) || imports.some((prefix) => target.startsWith(prefix));
      assert.ok(allowed, `${file} must not import ${target}`);
    }
  }
});

Deno.test("no file imports itself by way of others", async () => {
  const others = ["bench/", "examples/", "local/", "supabase/tests/"];
  const all = [...files, ...(await Promise.all(others.map(sources))).flat()];
  const imports = new Map<string, string[]>();
  for (const file of all) {
    imports.set(file, importsOf(file, await Deno.readTextFile(new URL(file, ROOT))));
  }
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    assert.ok(!path.includes(file), [...path, file].join(" → "));
    if (done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of all) visit(file, []);
  assert.ok(done.size > 300, `${done.size} files`);
});

Deno.test("core and worker read no clock, no network and no runtime", () => {
  for (const [file, text] of texts) {
    if (!PURE.some((prefix) => file.startsWith(prefix))) continue;
    assert.doesNotMatch(text.replace(/\/\*[^]*?\*\/|\/\/.*/g, ""), IMPURE, file);
  }
});

Deno.test("relative imports name a file, so that a deploy ships only what is used", () => {
  for (const file of files) {
    for (const target of importsOf(file)) {
      if (/^(shared|supabase|dashboard\/(app|contract|server))\//.test(target)) {
        assert.match(target, /\.tsx?$/, file);
      }
    }
  }
});

/** Everything a file reaches through imports. */
function closure(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !texts.has(file)) return seen;
  seen.add(file);
  for (const target of importsOf(file)) closure(target, seen);
  return seen;
}

Deno.test("webhook-verify reaches no job type and nothing that sends", () => {
  for (const file of closure("supabase/functions/webhook-verify/index.ts")) {
    assert.doesNotMatch(file, /^shared\/(jobs|adapters\/egress)\//);
  }
});

Deno.test("enqueue reaches no handler, and the client no runtime of ours", () => {
  const enqueue = closure("supabase/functions/enqueue/index.ts");
  assert.deepEqual(
    [...enqueue].filter((file) => file.endsWith("/handler.ts") && file.includes("jobs/")),
    [],
  );
  for (const file of closure("shared/client.ts")) {
    assert.doesNotMatch(texts.get(file)!, /\bDeno\.|"@supabase\/postgrest-js"|"hono"/, file);
  }
});

const OUTGOING =
  /\bDeno\.(?:connect|connectTls|startTls|resolveDns|createHttpClient)\b|\bfetch\(|\bWebSocket\b|"node:(?:http|https|http2|net|tls|dns)"/;
const WAYS_OUT = [
  "shared/adapters/egress/dial.ts",
  "shared/adapters/egress/resolve.ts",
  "shared/adapters/open_data_api.ts",
];

Deno.test("adapters and connectors leave the worker by the guarded way only", () => {
  for (const [file, text] of texts) {
    if (!/^shared\/(?:adapters\/|jobs\/connector)/.test(file) || WAYS_OUT.includes(file)) continue;
    assert.doesNotMatch(text.replace(/\/\*[^]*?\*\/|\/\/.*/g, ""), OUTGOING, file);
  }
});

Deno.test("the dashboard's page makes no markup of texts and knows no runtime of ours", () => {
  const pages = files.filter((file) => file.startsWith("dashboard/app/"));
  assert.ok(pages.length > 10);
  for (const file of pages) {
    assert.doesNotMatch(
      texts.get(file)!,
      /\bDeno\.|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|\bstyle=|secretKey/i,
      file,
    );
  }
});
