import { join } from "node:path";
import { StackError } from "../errors.ts";
import { type Account, postgresAccount } from "../system.ts";

/** Name of the cluster's superuser, as on Supabase. */
export const SUPERUSER = "supabase_admin";

/** How to run the programs of one Postgres on one data folder. */
export interface Installation {
  /** Folder with `initdb` and `postgres`. */
  bin: string;
  /** Major version of the programs. */
  version: number;
  /** The data folder. It need not exist yet. */
  data: string;
  /** The account that runs them, or undefined for the current one. */
  account: Account | undefined;
}

/** No PG* variable of the caller may change what is started. */
export const CLEAN_PROCESS = {
  clearEnv: true,
  cwd: "/",
  env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
};

/** Finds out the version of the programs, and who may run them on the data folder. */
export async function inspect(bin: string, data: string): Promise<Installation> {
  const { stdout } = await new Deno.Command(join(bin, "postgres"), { args: ["--version"] })
    .output();
  const version = Number(/\d+/.exec(new TextDecoder().decode(stdout))?.[0]);
  return { bin, version, data, account: await accountFor(data) };
}

/** Data that exists is used by its owner, when that is not root. */
async function accountFor(data: string): Promise<Account | undefined> {
  const account = await postgresAccount();
  const info = account && await Deno.stat(data).catch(() => undefined);
  return info?.uid && info.gid ? { uid: info.uid, gid: info.gid } : account;
}

/**
 * Makes the data folder unless it exists. It appears by rename, so that an interrupted start leaves
 * nothing half-made. Throws DATA_VERSION_MISMATCH if it is of another major version.
 */
export async function ensureData(
  installation: Installation,
  password: string,
  durable: boolean,
): Promise<void> {
  const { data, version } = installation;
  const found = await Deno.readTextFile(join(data, "PG_VERSION")).catch(() => undefined);
  if (found === undefined) return await initialize(installation, password, durable);
  if (found.trim() !== String(version)) throw otherVersion(data, found.trim(), version);
}

async function initialize(
  { bin, version, data, account }: Installation,
  password: string,
  durable: boolean,
): Promise<void> {
  const partial = `${data}.${crypto.randomUUID()}`;
  const passwordFile = `${partial}.password`;
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  if (account) await Deno.chown(passwordFile, account.uid, account.gid);
  const args = ["-D", partial, "-U", SUPERUSER, `--pwfile=${passwordFile}`];
  args.push("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C");
  // Sorts by code point and handles the case of every letter, like C.UTF-8 on the platform.
  if (version >= 17) args.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8");
  if (!durable) args.push("--no-sync", ...throwawaySettings(version));
  const { success, stderr } = await new Deno.Command(join(bin, "initdb"), {
    args,
    ...account,
    ...CLEAN_PROCESS,
  }).output().finally(() => Deno.remove(passwordFile));
  if (!success) {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    throw postgresFailed(new TextDecoder().decode(stderr));
  }
  await Deno.rename(partial, data);
}

/** The passwords of such a cluster are random, so hashing them slowly protects nothing. */
export function throwawaySettings(version: number): string[] {
  return version >= 16 ? ["-c", "scram_iterations=1"] : [];
}

/** The refusal for a Postgres that does not start, with the end of what it wrote. */
export function postgresFailed(log: string): StackError {
  const lines = log.trim().split("\n").slice(-8).join("\n  ");
  if (/Address already in use/.test(lines)) {
    return new StackError("PORT_TAKEN", "The port of Postgres is taken.", "Choose another port.");
  }
  return new StackError(
    "POSTGRES_FAILED",
    "Postgres did not start. The end of its log:\n  " + lines,
    "If the data is damaged, start over with `deno task reset` (deletes the data).",
  );
}

function otherVersion(data: string, found: string, wanted: number): StackError {
  return new StackError(
    "DATA_VERSION_MISMATCH",
    `${data} was made by Postgres ${found}, and the binaries are Postgres ${wanted}.`,
    "Start over with `deno task reset` (deletes the data), or use the older binaries.",
  );
}
