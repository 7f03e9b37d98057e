/** `deno task dashboard`: the operator's dashboard of a project, on loopback, until Ctrl-C. */
import { DEV_ENV_FILE } from "../local/dev/dev_files.ts";
import { startDashboard } from "./server/serve.ts";
import { type DashboardEnv, readDashboardEnv } from "./server/env.ts";

const DEFAULT_PORT = 54423;

if (import.meta.main) {
  const kept = await Deno.readTextFile(DEV_ENV_FILE).catch(() => "");
  const { supabaseUrl, secretKey, port } = environment(kept);
  const dashboard = await startDashboard({ supabaseUrl, secretKey, port: port ?? DEFAULT_PORT });
  console.log(`\nThe dashboard of ${supabaseUrl}\n\n  ${dashboard.url}\n`);
  console.log("This address grants operator rights. Keep it secret. Press Ctrl-C to stop.");
}

function environment(kept: string): DashboardEnv {
  try {
    return readDashboardEnv((name) => Deno.env.get(name), kept);
  } catch (thrown) {
    console.error(`error: ${(thrown as Error).message}`);
    Deno.exit(2);
  }
}
