import { readProject } from "./project.ts";
import type { Project } from "./project.ts";
import { type DataApi, dataOf, type Query } from "../shared/adapters/data_api/data_api.ts";
import { openDataApi } from "../shared/adapters/data_api/open_data_api.ts";
import { writeJson } from "../shared/core/encoding/exact_json.ts";
import { keyHeaders } from "../shared/core/http/credential.ts";
import { VERSION, versionProblem } from "../shared/core/version.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage_error.ts";

/** The session of a command: one project under its secret key. */
export interface Session {
  terminal: Terminal;
  project: Project;
  rpc<Data>(name: string, args?: Record<string, unknown>): Promise<Data>;
  /** Reads rows. Throws JobForgeError. */
  rows(query: (api: DataApi) => Query): Promise<Record<string, unknown>[]>;
  /** Prints `data` as JSON with `--json`, else the text. */
  show(data: unknown, text: () => string): void;
  /** Prints the progress of long work, but not for scripts that read JSON. */
  progress(text: string): void;
  /** Sets the exit code of the command to 1. */
  fail(): void;
}

const CALL = { timeoutMs: 60_000 };
const NAMES = [
  ...["SUPABASE_URL", "SUPABASE_SECRET_KEY", "SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"],
];

/**
 * Returns the project of the environment or, when it names none, of the development stack. Keys of
 * one are never used with the address of the other.
 */
export function findProject(
  terminal: Terminal,
  devVariables: () => Record<string, string>,
  devCommand: string | undefined,
): Project {
  const named = namesProject(terminal.env);
  const dev = named ? {} : devVariables();
  try {
    return readProject((name) => named ? terminal.env(name) : dev[name]);
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    const hint = devCommand ? `, or run ${devCommand} for a local project` : "";
    throw new UsageError(`set SUPABASE_URL and SUPABASE_SECRET_KEY${hint}`);
  }
}

/** Returns whether the environment has an address or a key of a project. */
export function namesProject(env: Terminal["env"]): boolean {
  return NAMES.some((name) => env(name));
}

/** Prints a warning if this command line does not fit the schema of the project. */
export async function warnOfVersion({ rpc, terminal }: Session): Promise<void> {
  const schema = await rpc<string>("jobforge_schema_version").catch(() => undefined);
  const problem = schema && versionProblem("this command line", VERSION, schema);
  if (problem) terminal.err(`warning: ${problem}`);
}

/** Opens a session on a project. */
export function openSession(
  project: Project,
  terminal: Terminal,
  json: boolean,
  fail: () => void,
): Session {
  const headers = keyHeaders(project.secretKey);
  const api = openDataApi({ supabaseUrl: project.url, headers });
  return {
    ...{ terminal, project, fail },
    rpc: async <Data>(name: string, args = {}) => await dataOf(api.rpc(name, args), CALL) as Data,
    rows: async (query) => await dataOf(query(api), CALL) as Record<string, unknown>[],
    show: (data, text) => terminal.out(json ? writeJson(data) : text()),
    progress: (text) => json ? undefined : terminal.err(text),
  };
}
