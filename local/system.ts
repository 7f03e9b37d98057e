import { dirname, join, resolve } from "node:path";
import { StackError } from "./errors.ts";

/** The account Postgres runs under. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account for Postgres, which refuses to run as root: `nobody` when the stack runs as root,
 * otherwise undefined.
 */
export async function postgresAccount(): Promise<Account | undefined> {
  if (Deno.uid() !== 0) return undefined;
  return { uid: await idOf("-u"), gid: await idOf("-g") };
}

async function idOf(flag: "-u" | "-g"): Promise<number> {
  const { stdout } = await new Deno.Command("id", { args: [flag, "nobody"] }).output();
  const id = Number(new TextDecoder().decode(stdout).trim());
  if (!Number.isInteger(id) || id === 0) {
    throw new StackError(
      "PLATFORM_UNSUPPORTED",
      "Postgres must not run as root, and this system has no account `nobody` to run it under.",
      "Run the stack as a normal user.",
    );
  }
  return id >>> 0;
}

/** Whether another account can reach into `directory`: every folder above it must be traversable. */
export async function isReachable(directory: string): Promise<boolean> {
  const path = resolve(directory);
  const parent = dirname(path);
  if (parent !== path && !(await isReachable(parent))) return false;
  const info = await Deno.stat(path).catch(() => undefined);
  return info === undefined || ((info.mode ?? 0) & 0o001) !== 0;
}

/** A folder for temporary clusters that `account` can reach. */
export async function temporaryRoot(account: Account | undefined): Promise<string> {
  const preferred = Deno.env.get("TMPDIR") ?? "/tmp";
  return account && !(await isReachable(preferred)) ? "/tmp" : preferred;
}

/** The folder for downloaded binaries: one per machine for root, one per user otherwise. */
export function binariesRoot(): string {
  const mac = Deno.build.os === "darwin";
  if (Deno.uid() === 0) return mac ? "/Library/Caches/jobforge" : "/var/cache/jobforge";
  const xdg = Deno.env.get("XDG_CACHE_HOME");
  if (xdg) return join(xdg, "jobforge");
  const home = Deno.env.get("HOME");
  if (!home) return join(Deno.cwd(), ".jobforge", "cache");
  return mac ? join(home, "Library/Caches/jobforge") : join(home, ".cache/jobforge");
}

/** A short stable name for a folder, to keep apart projects that share a system folder. */
export async function folderKey(directory: string): Promise<string> {
  const bytes = new TextEncoder().encode(resolve(directory));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Makes `directory` (0700) for `account`, or explains why it cannot be written. */
export async function makePrivateDirectory(
  directory: string,
  account: Account | undefined,
): Promise<void> {
  try {
    await makeTraversable(dirname(directory));
    await Deno.mkdir(directory, { mode: 0o700 }).catch(ignoreExisting);
    if (account) await Deno.chown(directory, account.uid, account.gid);
    const probe = join(directory, `.probe-${crypto.randomUUID()}`);
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/** Makes a folder that other accounts can pass through, under any umask. Keeps an existing one. */
export async function makeTraversable(directory: string): Promise<void> {
  if (await Deno.stat(directory).then((info) => info.isDirectory, () => false)) return;
  await Deno.mkdir(directory, { recursive: true });
  await Deno.chmod(directory, 0o755);
}

/** The refusal for a folder that cannot be written. */
export function unwritable(directory: string, cause: unknown): StackError {
  return new StackError(
    "DIRECTORY_UNWRITABLE",
    `Cannot write to ${directory}: ${cause instanceof Error ? cause.message : cause}.`,
    "Give this account the right to write there, or free some space, and start again.",
    { cause },
  );
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}

/** Whether a process with this id exists (also one of another account). */
export async function isAlive(pid: number): Promise<boolean> {
  return (await commandLine(pid)) !== undefined;
}

/** The command line of a running process, undefined when there is none with this id. */
export async function commandLine(pid: number): Promise<string | undefined> {
  const linux = Deno.build.os === "linux";
  const command = linux
    ? new Deno.Command("cat", { args: [`/proc/${pid}/cmdline`], stderr: "null" })
    : new Deno.Command("ps", { args: ["-o", "command=", "-p", String(pid)], stderr: "null" });
  const { success, stdout } = await command.output();
  const text = new TextDecoder().decode(stdout).replaceAll("\0", " ").trim();
  return success && text !== "" ? text : undefined;
}

/** Whether nothing listens on this loopback port. */
export function isPortFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/** A loopback port that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** The refusal for a port that another process listens on. */
export function portTaken(port: number, variable: string): StackError {
  return new StackError(
    "PORT_TAKEN",
    `Port ${port} on 127.0.0.1 is taken by another process.`,
    `Stop that process, or choose another port: ${variable}=<port> deno task dev`,
  );
}

/** Resolves after `milliseconds`. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
