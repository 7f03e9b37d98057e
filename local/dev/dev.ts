/** `deno task dev`: the local stack, kept between runs, until Ctrl-C. */
import { relative } from "node:path";
import { type Dashboard, startDashboard } from "../../dashboard/server/serve.ts";
import { StackError } from "../errors.ts";
import { PROJECT_ROOT } from "../project.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { DEV_DIRECTORY, DEV_ENV_FILE } from "./dev_files.ts";
import { reloadOnChange } from "./reload.ts";
import { shownLine } from "./shown_line.ts";
import { DEMO_TENANTS } from "./tenants.ts";

/** The functions, whose output the terminal shows. */
const SHOWN = new Set(["enqueue", "worker", "webhook-verify"]);
const TOKEN_SECONDS = 12 * 3600;

if (import.meta.main) {
  try {
    await runUntilSignal();
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    console.error(error.report());
    Deno.exit(1);
  }
}

async function runUntilSignal(): Promise<void> {
  const stopAsked = signalled();
  const stack = await startStack({
    directory: DEV_DIRECTORY,
    ...portFrom("JOBFORGE_PORT", "port"),
    ...portFrom("JOBFORGE_DB_PORT", "databasePort"),
    progress: (message) => console.log(message),
    // Errors of handlers with their stacks, and what they print, where a developer sees it.
    functionOptions: { worker: { env: { JOBFORGE_SHOW_ERRORS: "1" } } },
    echo(part, line) {
      const shown = SHOWN.has(part) ? shownLine(part, line) : undefined;
      if (shown !== undefined) console.log(shown);
    },
  });
  const variables = await stackVariables(stack);
  await Deno.writeTextFile(DEV_ENV_FILE, shellLines(variables), { mode: 0o600 });
  await stack.startFunctions().catch((error) => {
    console.error(error instanceof StackError ? error.report() : error);
  });
  const dashboard = await openDashboard(stack);
  console.log(welcome(stack, variables));
  if (dashboard) console.log(`\nThe dashboard:\n\n  ${dashboard.url}`);
  const reloading = reloadOnChange(stack);
  await stopAsked;
  console.log("\nStopping; the data stays in .jobforge/ …");
  reloading.stop();
  await Deno.remove(DEV_ENV_FILE).catch(() => {});
  await dashboard?.stop();
  await stack.stop();
  Deno.exit(0);
}

/** The stack is of use without it, for example where its packages cannot be fetched. */
async function openDashboard(stack: Stack): Promise<Dashboard | undefined> {
  const { url: supabaseUrl, secretKey } = stack;
  return await startDashboard({ supabaseUrl, secretKey }).catch((error) => {
    console.error(`No dashboard: ${error instanceof Error ? error.message : error}`);
    return undefined;
  });
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

function portFrom(variable: string, option: "port" | "databasePort"): Record<string, number> {
  const text = Deno.env.get(variable);
  if (!text) return {};
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return { [option]: port };
  throw new StackError("PORT_INVALID", `${variable}=${text} is no port.`, "Use 1 to 65535.");
}

async function stackVariables(stack: Stack): Promise<Record<string, string>> {
  const variables: Record<string, string> = {
    SUPABASE_URL: stack.url,
    SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
    SUPABASE_SECRET_KEY: stack.secretKey,
    SUPABASE_DB_URL: stack.dbUrl,
  };
  for (const [name, tenantId] of Object.entries(DEMO_TENANTS)) {
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

function welcome(stack: Stack, variables: Record<string, string>): string {
  const file = relative(PROJECT_ROOT, DEV_ENV_FILE);
  return `
JobForge runs at ${stack.url}

  publishable key  ${stack.publishableKey}
  secret key       ${stack.secretKey}
  database         ${stack.dbUrl}
  logs             .jobforge/logs/, errors and output of functions also here

User tokens of the demo tenants, valid for ${TOKEN_SECONDS / 3600} hours:

  acme     ${variables.ACME_TOKEN}
  globex   ${variables.GLOBEX_TOKEN}
  initech  ${variables.INITECH_TOKEN}

All of it as shell variables:  source ${file}
Ctrl-C stops the stack and keeps its data; \`deno task reset\` deletes the data.`;
}
