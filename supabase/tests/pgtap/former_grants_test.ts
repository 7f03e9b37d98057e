import { join } from "node:path";
import { FORMER_DEFAULT_GRANTS, runFolders } from "./suite.ts";

const MIGRATIONS = join(import.meta.dirname!, "..", "..", "migrations");

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
