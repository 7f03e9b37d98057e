import assert from "node:assert/strict";
import { filesBelow, readText } from "./source.ts";

/** The list: words as patterns, and old names by their new ones. */
interface Banned {
  words: { word: string; instead: string; files?: string; allow?: string }[];
  names: Record<string, string>;
}

/** A word or name that has a better one. */
interface Ban {
  found: RegExp;
  instead: string;
  /** Paths it counts in, by default all. */
  files: RegExp;
  /** What has another meaning. */
  allowed?: RegExp;
}

/** The languages of the project. Data and plans of queries are left out. */
const READ = /\.(?:tsx?|mjs|sql|md|css|html|sh|toml|ya?ml)$|^deno\.json$/;
/** History, releases, generated files, samples of prose, and this file. */
const SKIPPED =
  /^(?:CHANGELOG\.md|supabase\/migrations\/|shared\/database\.types\.ts|examples\/data\/|local\/checks\/words_test\.ts)/;

const banned: Banned = JSON.parse(await readText("local/checks/banned_words.json"));

const WORDS = banned.words.map(({ word, instead, files = "", allow }): Ban => ({
  found: new RegExp(`\\b(?:${word})\\b`, "i"),
  ...{ instead, files: new RegExp(files) },
  ...(allow ? { allowed: new RegExp(allow, "gi") } : {}),
}));

const NAMES = Object.entries(banned.names).map(([name, instead]): Ban => ({
  found: new RegExp(`(?<![\\w.])(?:jobforge_|p_|v_)?${RegExp.escape(name)}(?!\\w)`),
  ...{ instead, files: /^/ },
}));

/** The parts of names as words: `v_tick` and `nextTick` hold `tick`. */
function inWords(line: string): string {
  return line.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").replaceAll("_", " ");
}

/** Returns what a file holds of the banned words and names, also in its path, and the better word. */
function bannedIn(path: string, text: string): string[] {
  const words = WORDS.filter(({ files }) => files.test(path));
  return [path, ...text.split("\n")].flatMap((line, number) => {
    const found = [
      ...words.map(({ found, allowed = /$^/g, instead }) =>
        [found.exec(inWords(line.replaceAll(allowed, ""))), instead] as const
      ),
      ...NAMES.map(({ found, instead }) => [found.exec(line), instead] as const),
    ];
    return found.flatMap(([match, instead]) =>
      match ? [`${path}:${number}: ${match[0]} is now ${instead}`] : []
    );
  });
}

/** Returns what some files of the project hold of the banned words and names. */
async function bannedInFiles(paths: string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => bannedIn(path, await readText(path))),
  );
  return found.flat();
}

Deno.test("no file has a banned word", async () => {
  const paths = (await filesBelow(".")).filter((path) => READ.test(path) && !SKIPPED.test(path));
  assert.ok(paths.length > 1_000, `${paths.length} files`);
  assert.deepEqual(await bannedInFiles(paths), []);
});

const PLANTED: Record<string, string> = {
  "a word of prose": "// The next tick looks again.",
  "a word in upper case": "## Receipts",
  "a part of a name with underscores": "select v_settlement;",
  "a part of a name in camel case": "const nextTick = 1;",
  "words that make code speak": "/** The function says no. */",
  "an old name": "select jobforge.watch();",
  "an old name in a longer one": "select jobforge_next_runs();",
};
for (const [what, line] of Object.entries(PLANTED)) {
  Deno.test(`${what} is found`, () => {
    assert.equal(bannedIn("supabase/a.sql", `select 1;\n${line}\n`).length, 1);
  });
}

Deno.test("a banned word in the name of a file is found", () => {
  assert.equal(bannedIn("supabase/tests/a/goes_on_for_ever.test.sql", "").length, 1);
});

Deno.test("what another meaning allows is not found", () => {
  const text = "raise notice 'a';\nan odd number\nconst CLOCK_TICKS = 1;\njobforge.watcher\n";
  assert.deepEqual(bannedIn("supabase/a.sql", text), []);
});
