import { join } from "node:path";
import { connect } from "../../../local/postgres/database.ts";
import { runFolders } from "./suite.ts";

const MIGRATIONS = join(import.meta.dirname!, "..", "..", "migrations");

/** Folders whose tests write no backslash themselves. */
const FOLDERS = [
  ...["audit", "claim_jobs", "close_host", "configure_alert", "configure_queue", "doctor"],
  ...["enqueue_job", "erase_tenant", "evaluate_alerts", "list_jobs", "open_connector"],
  ...["receive_webhook", "retry_jobs", "rotate_secret", "settle_and_claim", "verify_audit"],
];

/** Applies to the migrations as well. */
const OLD_STRINGS = `
  do $$ begin
    execute format('alter database %I set standard_conforming_strings = off', current_database());
  end $$;
  set standard_conforming_strings = off;`;

Deno.test("pgTAP: with standard_conforming_strings = off and a Turkish collation", async (t) => {
  const migrations = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(migrations, "0_strings.sql"), OLD_STRINGS);
    for await (const { name } of Deno.readDir(MIGRATIONS)) {
      await Deno.copyFile(join(MIGRATIONS, name), join(migrations, name));
    }
    await runFolders(t, FOLDERS, {
      sources: { migrations },
      icuLocale: "tr-TR",
      async prepare({ adminUrl }) {
        // The stand-in is no part of JobForge.
        const admin = connect(adminUrl);
        await admin.unsafe(`alter function jobforge_local.cron_check_schedule
          set standard_conforming_strings = on`);
        await admin.end();
      },
    });
  } finally {
    await Deno.remove(migrations, { recursive: true });
  }
});
