import assert from "node:assert/strict";
import { filesBelow, parse, readSources, type Source } from "./source.ts";

/** Where files may import from. */
interface Layer {
  /** Beginnings of paths. */
  imports: string[];
  /** Packages, by default all of deno.json. */
  packages?: string[];
}

/** What is deployed. */
const PRODUCT = ["shared/", "supabase/functions/"];
/** The layers by the beginning of a path, the longest counts. Tests beside code may import more. */
const LAYERS: Record<string, Layer> = {
  "shared/core/": { imports: ["shared/core/"], packages: ["zod", "croner"] },
  "shared/worker/": { imports: ["shared/worker/", "shared/core/"], packages: [] },
  "shared/adapters/": {
    imports: ["shared/adapters/", "shared/worker/", "shared/core/"],
    packages: [
      ...["hono", "node:async_hooks", "node:process", "node:timers", "node:util", "node:zlib"],
    ],
  },
  "shared/adapters/egress/node_network.ts": {
    imports: ["shared/adapters/egress/", "shared/core/"],
    packages: ["node:dns", "node:dns/promises", "node:net", "node:tls"],
  },
  "shared/adapters/postgres/": {
    imports: ["shared/adapters/", "shared/worker/", "shared/core/"],
    packages: ["postgres"],
  },
  "shared/jobs/": {
    imports: ["shared/jobs/", "shared/adapters/", "shared/core/"],
    packages: ["zod"],
  },
  "shared/client.ts": { imports: ["shared/client/", "shared/core/"], packages: [] },
  "shared/client/": {
    imports: ["shared/client/", "shared/adapters/data_api/", "shared/core/"],
    packages: [],
  },
  "shared/database.types.ts": { imports: [], packages: [] },
  "supabase/functions/enqueue/": {
    imports: ["supabase/functions/enqueue/", "shared/"],
    packages: ["hono", "zod"],
  },
  "supabase/functions/worker/": {
    imports: ["supabase/functions/worker/", "shared/"],
    packages: ["hono", "zod"],
  },
  "supabase/functions/webhook-verify/": {
    imports: [
      ...["supabase/functions/webhook-verify/", "shared/adapters/", "shared/core/"],
      "shared/worker/",
    ],
    packages: ["hono"],
  },
  "supabase/functions/tests/": {
    imports: [...PRODUCT, "local/", "examples/", "cli/", "dashboard/"],
  },
  "supabase/tests/": { imports: ["supabase/tests/", ...PRODUCT, "local/"] },
  "cli/": {
    imports: ["cli/", "shared/adapters/", "shared/core/"],
    packages: [
      ...["commander", "@supabase/postgrest-js", "diff", "jsonc-parser", "node-diff3"],
      "smol-toml",
      ...["node:crypto", "node:fs/promises", "node:path", "node:process", "node:readline/promises"],
      "node:util",
    ],
  },
  "cli/main.ts": {
    imports: ["cli/", "local/dev/", "packages/pack/"],
    packages: ["node:path", "node:util"],
  },
  "packages/jobforge/": {
    imports: ["packages/jobforge/", "cli/", ...PRODUCT],
    packages: ["react", "node:fs/promises", "node:path", "node:process", "node:url"],
  },
  "packages/apps/": {
    imports: [
      ...["packages/", "cli/install/fake_project.ts", "cli/worker/fake_stage.ts", "local/"],
      ...["shared/adapters/egress/", "dashboard/browser/browser.ts"],
    ],
  },
  "packages/pack/": {
    imports: ["packages/pack/", "local/schema/", "shared/core/version.ts"],
    packages: ["esbuild", "rollup", "rollup-plugin-dts", "node:path", "node:url"],
  },
  "cli/worker/": {
    imports: ["cli/worker/", "cli/usage_error.ts", "shared/"],
    packages: ["node:http", "node:path", "node:process", "node:url", "node:worker_threads"],
  },
  "dashboard/contract/": { imports: ["dashboard/contract/", "shared/core/"], packages: [] },
  "dashboard/app/": {
    imports: ["dashboard/app/", "dashboard/contract/", "shared/core/"],
    packages: ["preact", "preact/hooks", "uplot"],
  },
  "dashboard/server/": {
    imports: [
      ...["dashboard/server/", "dashboard/contract/", "dashboard/build.ts"],
      ...["shared/adapters/", "shared/core/"],
    ],
    packages: [],
  },
  "dashboard/build.ts": { imports: [] },
  "dashboard/main.ts": { imports: ["dashboard/server/", "local/dev/dev_files.ts"] },
  "dashboard/browser/": { imports: ["dashboard/", "local/"] },
  "local/": { imports: ["local/"] },
  "local/schema/": { imports: ["local/", "shared/core/version.ts"] },
  "local/stand_ins/": { imports: ["local/", "shared/core/encoding/"] },
  "local/dev/": { imports: ["local/", "dashboard/server/serve.ts"] },
  "examples/": { imports: ["examples/", ...PRODUCT, "local/"] },
  "examples/jobs/": { imports: ["examples/jobs/", "shared/core/"] },
  // The calls of every public function are those of the tests.
  "bench/": {
    imports: ["bench/", "local/", "shared/", "dashboard/contract/", "supabase/tests/concurrency/"],
  },
};

/** Networks, clocks, chance and the runtime. */
const IMPURE =
  /^(?:(?:Deno|globalThis|performance)\.|Date\.now$|Math\.random$|crypto\.randomUUID$|fetch\(|(?:set|clear)(?:Timeout|Interval)\(|new (?:Date|WebSocket)\(\)$)/;

/** What opens a connection. */
const OUTGOING =
  /^(?:Deno\.(?:connect|connectTls|startTls|resolveDns|createHttpClient)$|fetch\(|new WebSocket\()/;
const NETWORK_MODULE = /^node:(?:http|https|http2|net|tls|dns)$/;
const EGRESS_CLIENT_FILES = [
  "shared/adapters/data_api/open_data_api.ts",
  "shared/adapters/egress/dial.ts",
  "shared/adapters/egress/node_network.ts",
  "shared/adapters/egress/resolve.ts",
];

const all = await readSources();
const byPath = new Map(all.map((source) => [source.path, source]));
const product = all.filter(({ path }) => !/_test\.tsx?$|\/fake_\w+\.ts$/.test(path));

const isBelow = (path: string, beginnings: string[]) =>
  beginnings.some((beginning) => path.startsWith(beginning));

function layerOf(path: string): Layer | undefined {
  const names = Object.keys(LAYERS).filter((name) => path.startsWith(name));
  return LAYERS[names.toSorted((a, b) => b.length - a.length)[0]!];
}

function below(folder: string): Source[] {
  const found = product.filter(({ path }) => path.startsWith(folder));
  assert.ok(found.length > 0, `nothing is in ${folder}`);
  return found;
}

/** Imports of a file that its layer does not allow, or undefined if the file has no layer. */
function strays(source: Source): string[] | undefined {
  const layer = layerOf(source.path);
  return layer &&
    source.imports.filter(({ specifier, target }) =>
      specifier.startsWith(".")
        ? !isBelow(target, layer.imports)
        : layer.packages && !layer.packages.includes(target)
    ).map(({ target }) => target);
}

/** Everything a file reaches through imports. */
function closure(path: string, seen = new Map<string, Source>()): Map<string, Source> {
  const source = byPath.get(path);
  if (!source || seen.has(path)) return seen;
  seen.set(path, source);
  for (const { target } of source.imports) closure(target, seen);
  return seen;
}

/** Circles of imports, each as the files on the way round. Types count too. */
function circles(sources: ReadonlyMap<string, Source>): string[] {
  const found = new Set<string>();
  const finished = new Set<string>();
  const way: string[] = [];
  const visit = (path: string) => {
    if (finished.has(path)) return;
    const at = way.indexOf(path);
    if (at >= 0) return void found.add([...way.slice(at), path].join(" → "));
    way.push(path);
    for (const { target } of sources.get(path)!.imports) if (sources.has(target)) visit(target);
    finished.add(way.pop()!);
  };
  for (const path of sources.keys()) visit(path);
  return [...found];
}

Deno.test("every file belongs to a layer, and imports point one way", () => {
  const found = product.flatMap((source) =>
    strays(source)?.map((target) => `${source.path} → ${target}`) ?? [`${source.path}: no layer`]
  );
  assert.deepEqual(found, []);
});

Deno.test("an import of a function by another one is found", () => {
  const path = "supabase/functions/enqueue/x.ts";
  const text = `import type { A } from "../worker/app.ts";\nexport * from "commander";`;
  assert.deepEqual(strays(parse(path, text)), ["supabase/functions/worker/app.ts", "commander"]);
});

Deno.test("no imports go round in a circle", () => {
  assert.ok(all.length > 300);
  assert.deepEqual(circles(byPath), []);
});

Deno.test("a circle of types, exports and dynamic imports is found", () => {
  const texts = {
    "a.ts": `import type { B } from "./b.ts";`,
    "b.ts": `export * from "./c.ts";`,
    "c.ts": `const a = await import("./a.ts");`,
  };
  const sources = Object.entries(texts).map(([path, text]) => [path, parse(path, text)] as const);
  assert.deepEqual(circles(new Map(sources)), ["a.ts → b.ts → c.ts → a.ts"]);
});

Deno.test("core and worker use no clock, no network and no runtime", () => {
  for (const { path, globals } of [...below("shared/core/"), ...below("shared/worker/")]) {
    assert.deepEqual(globals.filter((used) => IMPURE.test(used)), [], path);
  }
});

for (const code of ["Deno.env", "new Date()", "fetch(url)", "crypto.randomUUID()"]) {
  Deno.test(`${code} is found`, () => {
    assert.ok(parse("x.ts", `const x = { y: () => ${code} };`).globals.some((g) => IMPURE.test(g)));
  });
}

Deno.test("relative imports name a file, so that a deploy ships only what is used", () => {
  for (const { path, imports } of all) {
    for (const { specifier } of imports) {
      if (specifier.startsWith(".")) assert.match(specifier, /\.(?:tsx?|m?js)$/, path);
    }
  }
});

Deno.test("webhook-verify reaches no job type and nothing that sends", () => {
  for (const path of closure("supabase/functions/webhook-verify/index.ts").keys()) {
    assert.doesNotMatch(path, /^shared\/(?:jobs|adapters\/egress)\//);
  }
});

Deno.test("enqueue reaches no handler", () => {
  const reached = [...closure("supabase/functions/enqueue/index.ts").keys()];
  assert.ok(reached.includes("shared/jobs/definitions.ts"));
  assert.deepEqual(reached.filter((path) => /jobs\/.*handlers?\.ts$/.test(path)), []);
});

Deno.test("no Edge Function and no page connects to the database directly", () => {
  const entries = ["enqueue", "worker", "webhook-verify"].map((name) =>
    `supabase/functions/${name}/index.ts`
  );
  for (const entry of [...entries, "shared/client.ts"]) {
    for (const path of closure(entry).keys()) assert.doesNotMatch(path, /\/adapters\/postgres\//);
  }
});

Deno.test("the worker command uses the runtime through adapters, so that Node can run it", () => {
  const reached = closure("cli/worker/main.ts");
  assert.ok(reached.has("shared/worker/drain.ts") && reached.has("cli/worker/attendant.ts"));
  for (const [path, { globals }] of [...reached, ...closure("cli/worker/attendant_thread.ts")]) {
    if (/^shared\/adapters\/(?:runtime|egress)\//.test(path)) continue;
    assert.deepEqual(globals.filter((used) => used.startsWith("Deno.")), [], path);
  }
});

Deno.test("the client reaches no runtime and no server", () => {
  for (const [path, { globals, imports }] of closure("shared/client.ts")) {
    assert.ok(!globals.some((used) => used.startsWith("Deno.")), path);
    const targets = imports.map(({ target }) => target);
    assert.ok(!targets.some((name) => /^(?:hono|node:)/.test(name)), path);
  }
});

Deno.test("only the egress client and the Data API's client open connections", () => {
  for (
    const { path, globals, imports } of [...below("shared/adapters/"), ...below("shared/jobs/")]
  ) {
    if (EGRESS_CLIENT_FILES.includes(path)) continue;
    assert.deepEqual(globals.filter((used) => OUTGOING.test(used)), [], path);
    assert.deepEqual(imports.filter(({ target }) => NETWORK_MODULE.test(target)), [], path);
  }
  for (const path of EGRESS_CLIENT_FILES) assert.ok(byPath.has(path), path);
});

Deno.test("the dashboard's page makes no markup of texts and uses no runtime", () => {
  for (const { path, text } of below("dashboard/app/")) {
    assert.doesNotMatch(
      text,
      /\bDeno\.|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|\bstyle=|secretKey/i,
      path,
    );
  }
});

Deno.test("no file and no folder is a heap of utils, common things or helpers", async () => {
  const heap = /(?:^|[/_.-])(?:utils?|commons?|helpers?)(?:[/_.-]|$)/i;
  assert.match("shared/test_helpers.ts", heap);
  assert.deepEqual((await filesBelow(".")).filter((path) => heap.test(path)), []);
});
