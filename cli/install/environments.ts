import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { callRpc, type Project, readProject } from "../project.ts";
import { JobForgeError } from "../../shared/core/errors.ts";
import { UsageError } from "../usage_error.ts";
import type { Environment } from "./plan_upgrade.ts";

/**
 * Returns the projects of files with SUPABASE_URL and SUPABASE_SECRET_KEY. Without files it is the
 * project of the environment, or none.
 */
export async function readProjects(
  files: readonly string[],
  env: (name: string) => string | undefined,
): Promise<Project[]> {
  if (files.length === 0) return env("SUPABASE_URL") ? [projectOf("the environment", env)] : [];
  return await Promise.all(files.map(async (file) => {
    const values = parseEnv(await readFile(file, "utf8"));
    return projectOf(file, (name) => values[name]);
  }));
}

function projectOf(place: string, env: (name: string) => string | undefined): Project {
  try {
    return readProject(env);
  } catch (thrown) {
    throw new UsageError(`${place}: ${(thrown as Error).message}`);
  }
}

/** Asks a project for the version of its schema. Throws `unavailable` and `unauthenticated`. */
export async function askVersion(project: Project): Promise<Environment> {
  const { url, secretKey } = project;
  const reply = await callRpc(project, secretKey, "jobforge_schema_version", {}).catch(() => {
    throw new JobForgeError("unavailable", `${url} is unreachable`);
  });
  if (typeof reply.body === "string" && reply.status === 200) return { url, version: reply.body };
  if (reply.status === 404) return { url, version: undefined };
  const code = reply.status >= 500 ? "unavailable" : "unauthenticated";
  throw new JobForgeError(code, `${url} answered ${reply.status} to the question for its version`);
}
