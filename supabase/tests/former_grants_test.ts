import { join } from "node:path";
import { runFolders } from "./suite.ts";

const MIGRATIONS = join(import.meta.dirname!, "..", "migrations");

const FORMER_DEFAULT_GRANTS = ["tables", "functions", "sequences"].map((objects) =>
  `alter default privileges grant all on ${objects} to anon, authenticated, service_role;`
).join("\n");

// Projects made before 2026 grant everything new in public to the API roles.
Deno.test("pgTAP: rights in a project with Supabase's former default grants", async (t) => {
  const migrations = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(migrations, "0_grants.sql"), FORMER_DEFAULT_GRANTS);
    for await (const { name } of Deno.readDir(MIGRATIONS)) {
      await Deno.copyFile(join(MIGRATIONS, name), join(migrations, name));
    }
    await runFolders(t, ["catalog", "rights"], { sources: { migrations } });
  } finally {
    await Deno.remove(migrations, { recursive: true });
  }
});
