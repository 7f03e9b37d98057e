import { join } from "node:path";
import { connect } from "../../../local/postgres/database.ts";
import type { TestDatabase } from "../../../local/test/test_database.ts";
import { runFolders } from "./suite.ts";

const USED_PROJECT = join(import.meta.dirname!, "..", "fixtures", "used_project.sql");

/** Ahead of UTC, and not by whole hours: no time has the same text in both. */
const TIME_ZONE = "Asia/Kathmandu";

Deno.test("pgTAP: in a project that is in use, and far from UTC", (t) =>
  runFolders(t, ["."], { prepare }));

async function prepare({ name, adminUrl, sql }: TestDatabase): Promise<void> {
  // A session takes the time zone when it begins, so it is set before the first statement of `sql`.
  const admin = connect(adminUrl);
  await admin.unsafe(`alter database ${name} set timezone to '${TIME_ZONE}'`);
  await admin.end();
  await sql.unsafe(await Deno.readTextFile(USED_PROJECT));
}
