import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unixText } from "./merge.ts";
import { hashOf } from "./record.ts";

const FIRST_LINE = /^-- JobForge (\d+\.\d+\.\d+\S*)\r?\n/;
const UNINSTALL_LINE = "-- JobForge: uninstall";

/** A migration of a project that JobForge wrote. */
export interface OwnMigration {
  path: string;
  /** The version that it installs. */
  version: string;
  hash: string;
}

/** What the migrations of a project are. */
export interface Migrations {
  /** The newest timestamp, or undefined without migrations. */
  newest: string | undefined;
  own: OwnMigration[];
}

/**
 * Reads the migrations of a project in their folder. Its own are known by their first line, not by their names. Those
 * before an uninstallation count no more.
 */
export async function readMigrations(root: string, folder: string): Promise<Migrations> {
  const names = (await readdir(join(root, folder)).catch(() => [])).sort();
  const files = names.filter((name) => /^\d+_.*\.sql$/.test(name));
  const own: OwnMigration[] = [];
  for (const name of files) {
    const path = `${folder}/${name}`;
    const text = await readFile(join(root, path), "utf8");
    const version = FIRST_LINE.exec(text)?.[1];
    if (text.startsWith(UNINSTALL_LINE)) own.length = 0;
    if (version) own.push({ path, version, hash: hashOf(unixText(text)) });
  }
  const stamps = files.map((name) => name.slice(0, name.indexOf("_")));
  return { newest: stamps.toSorted((a, b) => Number(a) - Number(b)).at(-1), own };
}

/**
 * Returns the file name of a new migration. Its timestamp is now, or a second after the team's newest:
 * `supabase db push` refuses one that is older.
 */
export function migrationFile(name: string, newest: string | undefined, now: Date): string {
  const stamp = stampOf(now);
  if (newest === undefined || Number(newest) < Number(stamp)) {
    return `${stamp}_${name}.sql`;
  }
  return `${after(newest)}_${name}.sql`;
}

function after(stamp: string): string {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(stamp) ?? [];
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const time = year === undefined ? NaN : Date.parse(text);
  // A stamp that is no time is counted on as a number.
  return Number.isNaN(time) ? String(BigInt(stamp) + 1n) : stampOf(new Date(time + 1_000));
}

function stampOf(time: Date): string {
  return time.toISOString().replace(/\D/g, "").slice(0, 14);
}
