import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import ts from "typescript";
import { builtPackage } from "./built_package.ts";
import { filesBelow, PROJECT_ROOT, readProjectText, sha256 } from "./project_files.ts";

const folder = await builtPackage();
const CLIENT_LIMIT = 12_000;

/** Returns the texts of the package by path. */
async function textsOf(root: string): Promise<Map<string, string>> {
  const below = await filesBelow(root.slice(PROJECT_ROOT.length + 1));
  const paths = below.map((path) => join(PROJECT_ROOT, path).slice(root.length + 1));
  const texts = paths.map(async (path) =>
    [path, await Deno.readTextFile(join(root, path))] as const
  );
  return new Map(await Promise.all(texts));
}

const texts = await textsOf(folder);
const scripts = [...texts].filter(([path]) => /^(dist|bin|testing)\/.*\.js$/.test(path));

function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The scripts that an entry loads, itself first. */
function closure(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const specifier of importsOf(texts.get(path)!)) {
    if (specifier.startsWith("./")) closure(join("dist", specifier), seen);
  }
  return seen;
}

Deno.test("scripts import only each other and parts of Node", () => {
  assert.ok(scripts.length >= 5, String(scripts.length));
  const strays = scripts.flatMap(([path, text]) =>
    importsOf(text)
      .filter((specifier) => !/^(\.\/[\w.-]+\.js|node:[\w/]+)$/.test(specifier))
      .filter((specifier) => path !== "dist/react.js" || specifier !== "react")
      .map((specifier) => `${path}: ${specifier}`)
  );
  assert.deepEqual(strays, []);
});

Deno.test("declarations import nothing, so they mean the same to every compiler", () => {
  for (const entry of ["index", "client", "edge", "testing", "react"]) {
    assert.deepEqual(importsOf(texts.get(`dist/${entry}.d.ts`)!), [], entry);
  }
});

for (const entry of ["index", "client", "testing"]) {
  Deno.test(`${entry} loads without Deno, Node and zod`, () => {
    for (const path of closure(`dist/${entry}.js`)) {
      const text = texts.get(path)!;
      assert.doesNotMatch(text, /\bDeno\./, path);
      assert.doesNotMatch(text, /\bprocess\.|node:/, path);
      assert.doesNotMatch(text, /node_modules/, path);
    }
  });
}

Deno.test("the edge entry needs Deno, so the search for it finds something", () => {
  assert.match(texts.get("dist/edge.js")!, /\bDeno\.serve/);
});

Deno.test(`the client takes at most ${CLIENT_LIMIT} bytes of an application, gzipped`, async () => {
  const { outputFiles } = await esbuild.build({
    ...{ entryPoints: [join(folder, "dist/client.js")], absWorkingDir: folder },
    ...{ bundle: true, minify: true, format: "esm", write: false },
  });
  await esbuild.stop();
  const size = gzipSync(outputFiles[0]!.contents).length;
  assert.ok(size > 1_000 && size <= CLIENT_LIMIT, `${size} bytes`);
});

Deno.test("the errors of handlers are the same classes for the worker", () => {
  const shared = [...closure("dist/index.js")].filter((path) => path.includes("chunk"));
  const [home] = shared.filter((path) => texts.get(path)!.includes("RetryError = class"));
  assert.ok(home && closure("dist/edge.js").has(home));
});

Deno.test("CONTENTS.json has each bundled package with its license, and each file's sum", async () => {
  const { version, packages, files } = JSON.parse(texts.get("CONTENTS.json")!);
  const { imports } = JSON.parse(await readProjectText("deno.json"));
  const licenses = texts.get("LICENSES_OF_BUNDLED_PACKAGES.txt")!;
  for (const { name, version, license } of packages) {
    assert.equal(imports[name], `npm:${name}@${version}`);
    assert.match(license, /^(MIT|ISC|BSD-3-Clause|Unlicense)$/, name);
    assert.ok(licenses.includes(`${name} ${version} (${license})`), name);
  }
  const names = packages.map((each: { name: string }) => each.name);
  assert.ok(["zod", "hono", "croner"].every((name) => names.includes(name)), names);
  for (const [path, text] of texts) {
    if (path !== "CONTENTS.json") assert.equal(files[path], await sha256(text), path);
  }
  assert.equal(JSON.parse(texts.get("package.json")!).version, version);
});

Deno.test("every export and bin of package.json exists", () => {
  const { exports, bin, sideEffects } = JSON.parse(texts.get("package.json")!);
  const targets = [exports, bin].flatMap((map) => Object.values(map))
    .flatMap((target) => typeof target === "string" ? target : Object.values(target as object));
  assert.ok(targets.length >= 8);
  for (const target of targets) assert.ok(texts.has(target.replace("./", "")), target);
  assert.equal(sideEffects, false);
});

Deno.test("no path of a machine and no address of a registry is inside", () => {
  for (const [path, text] of texts) {
    assert.doesNotMatch(
      text,
      /\/root\/|\/home\/|\/Users\/|jobforge-pack-|\/\/registry\.|npmjs/,
      path,
    );
  }
});

Deno.test("a second build gives the same bytes", async () => {
  const again = join(PROJECT_ROOT, ".jobforge", `again-${crypto.randomUUID()}`);
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "pack", again],
      cwd: PROJECT_ROOT,
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.deepEqual(await textsOf(again), texts);
  } finally {
    await Deno.remove(again, { recursive: true });
  }
});
