import assert from "node:assert/strict";
import { join } from "node:path";
import { changeOf } from "./change.ts";

const HOUR = 60 * 60;

/** Without Git, checks take everything, so there is nothing to test. */
const ignore = !await hasGit();

async function hasGit(): Promise<boolean> {
  try {
    return (await new Deno.Command("git", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** A repository in a temporary folder. */
class Repository {
  private constructor(readonly root: string) {}

  static async with(use: (repository: Repository) => Promise<void>): Promise<void> {
    const root = await Deno.makeTempDir({ prefix: "jobforge-change-" });
    const repository = new Repository(root);
    try {
      await repository.git(["init", "--quiet", "--initial-branch=main"]);
      await use(repository);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  }

  async git(args: string[], env: Record<string, string> = {}): Promise<string> {
    const who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: ["-C", this.root, ...who, ...args],
      env,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  }

  async write(file: string, text = crypto.randomUUID()): Promise<void> {
    await Deno.writeTextFile(join(this.root, file), text);
  }

  /** Commits a new text of the file, so many hours after the first of all. */
  async commit(file: string, hours: number): Promise<string> {
    await this.write(file);
    await this.git(["add", "."]);
    const date = `@${1_750_000_000 + hours * HOUR} +0000`;
    await this.git(["commit", "--quiet", "-m", file], {
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    });
    return await this.git(["rev-parse", "HEAD"]);
  }

  async change(options: Parameters<typeof changeOf>[1] = {}) {
    const { base, files, seed } = await changeOf(this.root, options);
    return { base, files: [...files].sort(), seed };
  }
}

test("the change is what the commits of the last 12 hours changed", () =>
  Repository.with(async (repository) => {
    await repository.commit("old", 0);
    const base = await repository.commit("landed", 1);
    await repository.commit("one", 14);
    await repository.commit("two", 16);
    const { base: found, files } = await repository.change();
    assert.deepEqual({ found, files }, { found: base, files: ["one", "two"] });
  }));

test("edited, new, deleted and moved files belong to the change", () =>
  Repository.with(async (repository) => {
    for (const file of ["edited", "deleted", "moved", "kept"]) await repository.commit(file, 0);
    await repository.commit("last", 20);
    await repository.write("edited");
    await repository.write("new");
    await Deno.remove(join(repository.root, "deleted"));
    await repository.git(["mv", "moved", "there"]);
    const { files } = await repository.change();
    assert.deepEqual(files, ["deleted", "edited", "last", "moved", "new", "there"]);
  }));

test("there is no base when all commits are of one landing", () =>
  Repository.with(async (repository) => {
    await repository.commit("one", 0);
    await repository.commit("two", 11);
    assert.equal((await repository.change()).base, undefined);
  }));

Deno.test("there is no base where there is no repository", async () => {
  const root = await Deno.makeTempDir();
  try {
    assert.equal((await changeOf(root, {})).base, undefined);
  } finally {
    await Deno.remove(root);
  }
});

Deno.test("there is no base where there is no Git", async () => {
  const module = new URL("change.ts", import.meta.url).href;
  const code =
    `const { changeOf } = await import("${module}"); console.log(await changeOf(".", {}));`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    env: { PATH: "", NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.match(text.decode(stdout), /base: undefined/, text.decode(stderr));
});

test("a branch is compared with where it left the remote's", () =>
  Repository.with(async (repository) => {
    await repository.commit("old", 0);
    const base = await repository.commit("trunk", 20);
    await repository.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    await repository.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    assert.deepEqual((await repository.change()).files, ["trunk"]);
    await repository.commit("mine", 40);
    await repository.commit("later", 60);
    const { base: found, files } = await repository.change();
    assert.deepEqual({ found, files }, { found: base, files: ["later", "mine"] });
  }));

test("a base that is given is taken, and must be a commit", () =>
  Repository.with(async (repository) => {
    const first = await repository.commit("one", 0);
    await repository.commit("two", 20);
    await repository.commit("three", 40);
    const { base, files } = await repository.change({ base: "HEAD~2" });
    assert.deepEqual({ base, files }, { base: first, files: ["three", "two"] });
    await assert.rejects(repository.change({ base: "nothing" }), /no commit: nothing/);
  }));

test("the seed is the commit's, unless one is given", () =>
  Repository.with(async (repository) => {
    const head = await repository.commit("one", 0);
    assert.equal((await repository.change()).seed, parseInt(head.slice(0, 8), 16));
    assert.equal((await repository.change({ seed: "7" })).seed, 7);
    await assert.rejects(repository.change({ seed: "x" }), /whole number: x/);
  }));
