import assert from "node:assert/strict";
import { posix } from "node:path";

const ROOT = new URL("../../", import.meta.url);
const FOLDERS = /^(?:bench|cli|dashboard|docs|examples|local|packages|shared|supabase|\d\d_\w+)$/;

/** Every file of the repository and every folder, which ends with a slash, from the root. */
const paths: string[] = [];
await collect("");

async function collect(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`./${folder}`, ROOT))) {
    if (name.startsWith(".") || name === "node_modules") continue;
    paths.push(isDirectory ? `${folder}${name}/` : `${folder}${name}`);
    if (isDirectory) await collect(`${folder}${name}/`);
  }
}

const pages = new Map<string, string>();
for (const path of paths.filter((path) => path.endsWith(".md"))) {
  pages.set(path, await Deno.readTextFile(new URL(path, ROOT)));
}

function page(path: string): string {
  const text = pages.get(path);
  assert.ok(text, `there is no page ${path}`);
  return text;
}

/** The text without blocks of code, fenced or indented. */
function prose(text: string): string {
  return text.replaceAll(/^```[^]*?^```/gm, "").replaceAll(/^ {4,}(?![-*\d]).*$/gm, "");
}

/** The part of a page below a heading, up to the next heading of the same level. */
function section(text: string, title: string): string {
  const [, part] = text.split(`\n## ${title}\n`);
  assert.ok(part, `no section ${title}`);
  return part.split(/^## /m)[0]!;
}

/** The first cell of each row of the first table of a text. */
function rows(text: string): string[] {
  const table = text.match(/^\| .*\n\| -.*\n((?:\|.*\n)+)/m);
  return (table?.[1] ?? "").split("\n").filter(Boolean).map((row) => row.split("|")[1]!.trim());
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) => {
    const anchor = title!.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

/** Targets of a page's links and images, in its prose. */
function linksOf(text: string): string[] {
  const words = prose(text).replaceAll(/`[^`]*`/g, "");
  return [...words.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

/** Returns why a link leads nowhere, or undefined when it resolves within the repository. */
function problemOf(from: string, link: string): string | undefined {
  const [target = "", anchor] = link.split("#");
  const path = target === "" ? from : posix.join(posix.dirname(from), target);
  if (!paths.includes(path) && !paths.includes(`${path}/`)) return `no file ${path}`;
  if (anchor === undefined) return;
  const text = pages.get(path);
  if (text === undefined || !anchorsOf(text).includes(anchor)) return `no heading #${anchor}`;
}

/** Paths of the repository that a page names in backticks; `*` stands for any names. */
function pathsIn(text: string): string[] {
  const named = prose(text).matchAll(/`((?:[\w.*-]+\/)+[\w.*-]*|[A-Z]+\.md|deno\.(?:json|lock))`/g);
  return [...named].map(([, path]) => path!)
    .filter((path) => !path.includes("/") || FOLDERS.test(path.split("/")[0]!));
}

/** Whether a file or a folder exists. Areas of the schema, such as `20_jobs/`, need no prefix. */
function exists(path: string): boolean {
  const full = /^\d\d_/.test(path) ? `supabase/schemas/${path}` : path;
  const pattern = full.replaceAll(/[.]/g, "\\.").replaceAll("**/", "(?:.+/)?")
    .replaceAll(/(?<![.)])\*+/g, "[^/]*");
  const wanted = new RegExp(`^${pattern}${full.endsWith("/") ? "" : "/?"}$`);
  return paths.some((each) => wanted.test(each));
}

Deno.test("ARCHITECTURE.md has fewer than 200 lines", () => {
  const lines = page("ARCHITECTURE.md").trimEnd().split("\n").length;
  assert.ok(lines < 200, `${lines} lines`);
});

Deno.test("the glossary has at most 16 words, each once", () => {
  const words = rows(section(page("ARCHITECTURE.md"), "Glossary"));
  assert.ok(words.length > 10 && words.length <= 16, `${words.length} words`);
  assert.equal(new Set(words).size, words.length);
});

Deno.test("a feature page defines at most four words, none of the glossary", () => {
  const core = rows(section(page("ARCHITECTURE.md"), "Glossary"));
  const defining = [...pages].filter(([, text]) => text.includes("\n## Words\n"));
  assert.ok(defining.length >= 3, `${defining.length} pages define words`);
  for (const [path, text] of defining) {
    const words = rows(section(text, "Words"));
    assert.ok(words.length > 0 && words.length <= 4, `${path} defines ${words.join(", ")}`);
    assert.deepEqual(words.filter((word) => core.includes(word)), [], path);
  }
});

Deno.test("a decision takes at most five lines", () => {
  const [decisions] = page("docs/decisions.md").split("\n## Packages\n");
  const listed = [...decisions!.matchAll(/^- .*(?:\n {2}.*)*/gm)].map(([text]) => text);
  assert.ok(listed.length > 50, `${listed.length} decisions`);
  assert.deepEqual(listed.filter((text) => text.split("\n").length > 5), []);
});

Deno.test("every package of deno.json is among the decisions", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const table = section(page("docs/decisions.md"), "Packages");
  for (const specifier of Object.values<string>(imports)) {
    const name = specifier.match(/^npm:(@?[^@]+)@/)![1]!;
    if (/^(?:@supabase\/supabase-js|zod|hono)$/.test(name)) continue;
    assert.ok(table.includes(`\`${name}\``), `docs/decisions.md gives no reason for ${name}`);
  }
});

for (const [path, text] of pages) {
  const links = linksOf(text).filter((link) => !/^[a-z]+:/.test(link));
  if (links.length === 0) continue;
  Deno.test(`the links of ${path} lead to files and headings`, () => {
    for (const link of links) assert.equal(problemOf(path, link), undefined, `${path}: ${link}`);
  });
}

const NAMING = ["ARCHITECTURE", "SECURITY", "CONTRIBUTING", "RUNBOOK", "README"]
  .map((name) => `${name}.md`);

Deno.test("every path that a page names exists", () => {
  const named = [...pages].filter(([path]) => NAMING.includes(path) || path.startsWith("docs/"))
    .flatMap(([path, text]) => pathsIn(text).map((each) => ({ path, each })));
  assert.ok(named.length > 80, `${named.length} paths`);
  assert.deepEqual(named.filter(({ each }) => !exists(each)), []);
});

Deno.test("every layer of ARCHITECTURE.md exists", () => {
  const layers = [...section(page("ARCHITECTURE.md"), "Layers").matchAll(/^ {4}(\S+)/gm)]
    .map(([, path]) => path!);
  assert.ok(layers.length > 10, `${layers.length} layers`);
  assert.deepEqual(layers.filter((path) => !exists(path)), []);
});

Deno.test("SECURITY.md names tests and sources, and folders with a slash", () => {
  const named = pathsIn(page("SECURITY.md"));
  assert.ok(named.length > 20, `${named.length} paths`);
  assert.deepEqual(named.filter((path) => !paths.includes(path)), []);
});
