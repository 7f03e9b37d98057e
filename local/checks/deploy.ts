import { join } from "node:path";
import { npx, SUPABASE_CLI } from "./command.ts";
import { startManagementApi, type Upload } from "./management_api.ts";

/** What a deploy of a project did. */
export interface Deploy {
  code: number;
  /** Everything the CLI printed. */
  text: string;
  uploads: Map<string, Upload>;
  activated: string[];
  unknownCalls: string[];
}

const LEFT_AT_HOME = new Set([".git", ".jobforge", "node_modules"]);

/** Copies the project, so that files can be planted into it. */
export async function copyProject(from: string): Promise<string> {
  const to = await Deno.makeTempDir({ prefix: "jobforge-deploy-" });
  await copyFolder(from, to);
  return to;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    if (LEFT_AT_HOME.has(entry.name)) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) await copyFolder(source, target);
    else if (entry.isFile) await Deno.copyFile(source, target);
  }
}

/** Deploys every function of the project in `root` with the official CLI, to a capturing API. */
export async function deploy(root: string): Promise<Deploy> {
  const api = startManagementApi();
  const profile = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(profile, profileOf(api.url));
  try {
    const { code, stdout, stderr } = await npx(SUPABASE_CLI, [
      ...["--profile", profile, "functions", "deploy", "--use-api", "--yes"],
      `--remote=${"a".repeat(20)}`,
    ], { cwd: root, env: { SUPABASE_ACCESS_TOKEN: token(), NO_PROXY: "127.0.0.1" } });
    const { activated, unknown, uploads } = api;
    return { code, text: stdout + stderr, uploads, activated, unknownCalls: unknown };
  } finally {
    await api.stop();
    await Deno.remove(profile);
  }
}

/** Writes the files of an upload, and nothing else, into an empty folder. */
export async function unpack(upload: Upload): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "jobforge-uploaded-" });
  for (const [path, bytes] of upload.files) {
    await Deno.mkdir(join(root, path, ".."), { recursive: true });
    await Deno.writeFile(join(root, path), bytes);
  }
  return root;
}

function profileOf(url: string): string {
  return `name: capture\napi_url: ${url}\ndashboard_url: ${url}\nproject_host: capture.local\n`;
}

// The CLI checks the form of an access token. This one opens nothing.
function token(): string {
  return `sbp_${crypto.randomUUID().replaceAll("-", "")}${"0".repeat(8)}`;
}
