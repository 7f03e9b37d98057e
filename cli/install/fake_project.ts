import { join } from "node:path";
import { builtPackage } from "../../packages/pack/built_package.ts";
import { type Ran, runLine } from "../fake_terminal.ts";

/** A Supabase project of a test, with the command line in it. */
export interface FakeProject {
  root: string;
  /** Runs a command line in the project's folder. */
  cli(...args: string[]): Promise<Ran>;
  /** Runs a command line and types an answer. */
  answer(answer: string, ...args: string[]): Promise<Ran>;
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
  /** Builds and installs from another package than this repository's. */
  useKit(folder: string): void;
  /** Every file with its text, by path. */
  tree(): Promise<Record<string, string>>;
}

/** What `supabase init` of CLI 3.1.0 writes, shortened. */
export const CONFIG = `\
#:schema https://supabase.com/schemas/config/v1.json
# A comment of the team.
project_id = "app"

[api]
enabled = true
schemas = ["public", "graphql_public"] # both

[edge_runtime]
enabled = true
`;

/** Runs a test in a temporary project of these files. */
export async function inProject(
  files: Record<string, string>,
  use: (project: FakeProject) => Promise<void>,
): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "jobforge-app-" }));
  const write = async (path: string, text: string) => {
    await Deno.mkdir(join(root, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(root, path), text);
  };
  let packageFolder: string | undefined;
  const kit = async () => ({ folder: packageFolder ?? await builtPackage() });
  try {
    for (const [path, text] of Object.entries(files)) await write(path, text);
    await use({
      root,
      write,
      useKit: (folder) => packageFolder = folder,
      cli: (...args) => runLine(args, {}, { folder: root, kit }),
      answer: (answer, ...args) => runLine(args, {}, { folder: root, kit, answer }),
      read: (path) => Deno.readTextFile(join(root, path)),
      tree: () => treeOf(root),
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function treeOf(root: string, folder = ""): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory) Object.assign(tree, await treeOf(root, path));
    else tree[path] = await Deno.readTextFile(join(root, path));
  }
  return tree;
}
