import { join } from "node:path";
import { type Dashboard, newToken, startDashboard } from "../../dashboard/server/serve.ts";
import { StackError } from "../errors.ts";
import { connect } from "../postgres/database.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { DevProject } from "./dev_project.ts";
import { FunctionOutput } from "./function_output.ts";
import { failedAttempt, nextTry } from "./next_try.ts";
import { reloadOnChange } from "./reload.ts";

const DASHBOARD_PORT = 54423;
const TOKEN_SECONDS = 12 * 3600;

/** The file with the address and keys of the stack, as shell variables, while it runs. */
export function envFileOf(directory: string): string {
  return join(directory, "stack.env");
}

/** Runs the stack of a project until a signal. Throws StackError. */
export async function runDev(project: DevProject): Promise<void> {
  const stopAsked = signalled();
  const { root, directory, functions } = project;
  const output = new FunctionOutput(functions, root, (text) => console.log(text));
  let failed = (_line: string) => {};
  const stack = await startStack({
    ...portFrom("JOBFORGE_PORT", "port"),
    ...portFrom("JOBFORGE_DB_PORT", "databasePort"),
    ...{ directory, files: project.files, functions, functionOptions: project.functionOptions },
    ...(project.database ? { database: project.database } : {}),
    progress: (message) => console.log(message),
    echo(part, line) {
      output.line(part, line);
      failed(line);
    },
  });
  const sql = connect(stack.adminDbUrl);
  failed = (line) => {
    const attempt = failedAttempt(line);
    if (!attempt) return;
    nextTry(sql, attempt).then((text) => text && console.log(text), () => {});
  };
  const variables = await stackVariables(stack, project.tenants);
  await Deno.writeTextFile(envFileOf(directory), shellLines(variables), { mode: 0o600 });
  await output.boot(functions, (name) => stack.startFunction(name));
  const dashboard = await openDashboard(stack, directory);
  console.log(welcome(project, stack, variables));
  if (dashboard) console.log(`\nThe dashboard:\n\n  ${dashboard.url}`);
  const reloading = reloadOnChange(project, stack, output);
  await stopAsked;
  console.log("\nStopping. The data stays …");
  reloading.stop();
  await Deno.remove(envFileOf(directory)).catch(() => {});
  await dashboard?.stop();
  await sql.end();
  await stack.stop();
}

/** The stack is of use without it, for example where its packages cannot be fetched. */
async function openDashboard(stack: Stack, directory: string): Promise<Dashboard | undefined> {
  const { url: supabaseUrl, secretKey } = stack;
  const { port = DASHBOARD_PORT } = portFrom("JOBFORGE_DASHBOARD_PORT", "port");
  try {
    const token = await keptToken(join(directory, "dashboard_token"));
    return await startDashboard({ supabaseUrl, secretKey, port, token });
  } catch (error) {
    const hint = error instanceof Deno.errors.AddrInUse
      ? `port ${port} is taken: set JOBFORGE_DASHBOARD_PORT`
      : error instanceof Error
      ? error.message
      : error;
    console.error(`No dashboard: ${hint}`);
    return undefined;
  }
}

/** The same at each start, so that a page stays open and a bookmark works. */
async function keptToken(file: string): Promise<string> {
  const kept = await Deno.readTextFile(file).catch(() => "");
  if (/^[\w-]{43}$/.test(kept)) return kept;
  const token = newToken();
  await Deno.writeTextFile(file, token, { mode: 0o600 });
  return token;
}

/** Resolves at the first signal. A second one ends the process, and guard.sh ends Postgres. */
function signalled(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      if (++count === 1) resolve();
      else if (signal !== "SIGHUP") Deno.exit(130);
    });
  }
  return promise;
}

function portFrom<Option extends string>(
  variable: string,
  option: Option,
): { [each in Option]?: number } {
  const text = Deno.env.get(variable);
  if (!text) return {};
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) {
    return { [option]: port } as { [each in Option]?: number };
  }
  throw new StackError("PORT_INVALID", `${variable}=${text} is no port.`, "Use 1 to 65535.");
}

async function stackVariables(
  stack: Stack,
  tenants: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {
    SUPABASE_URL: stack.url,
    SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
    SUPABASE_SECRET_KEY: stack.secretKey,
    SUPABASE_DB_URL: stack.dbUrl,
  };
  for (const [name, tenantId] of Object.entries(tenants)) {
    variables[`${name.toUpperCase()}_TENANT_ID`] = tenantId;
    variables[`${name.toUpperCase()}_TOKEN`] = await stack.signUserToken({
      tenantId,
      email: `dev@${name}.test`,
      expiresIn: TOKEN_SECONDS,
    });
  }
  return variables;
}

function shellLines(variables: Record<string, string>): string {
  return Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`).join("");
}

function welcome(
  { root, directory, reset, tenants }: DevProject,
  stack: Stack,
  variables: Record<string, string>,
): string {
  const shown = (path: string) => path.replace(`${root}/`, "");
  const tokens = Object.keys(tenants).map((name) =>
    `  ${name.padEnd(8)} ${variables[`${name.toUpperCase()}_TOKEN`]}`
  );
  const title = `User tokens of the demo tenants, valid for ${TOKEN_SECONDS / 3600} hours:`;
  return `
JobForge runs at ${stack.url}

  publishable key  ${stack.publishableKey}
  secret key       ${stack.secretKey}
  database         ${stack.dbUrl}
  logs             ${shown(directory)}/logs/, errors and output of functions also here
${tokens.length === 0 ? "" : `\n${title}\n\n${tokens.join("\n")}\n`}
All of it as shell variables:  source ${shown(envFileOf(directory))}
Ctrl-C stops the stack and keeps its data; \`${reset}\` deletes the data.`;
}
