import { PROJECT_ROOT } from "../../project.ts";
import type { Ended } from "./verdict.ts";

/** Milliseconds for a stopped process to end, and for output that a child of it still holds. */
const PATIENCE_MS = 10_000;

/**
 * Runs Deno with these arguments and shows what it prints, both streams as one. Stops it after
 * `limit` seconds.
 */
export async function runDeno(
  args: string[],
  limit: number,
  show: (text: string) => void,
): Promise<Ended> {
  const started = performance.now();
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" 2>&1', "sh", Deno.execPath(), ...args],
    cwd: PROJECT_ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const timers = [
    setTimeout(() => child.kill("SIGTERM"), limit * 1000),
    setTimeout(() => child.kill("SIGKILL"), limit * 1000 + PATIENCE_MS),
  ];
  let output = "";
  const ended = new AbortController();
  const reading = child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        output += text;
        show(text);
      },
    }),
    { signal: ended.signal },
  ).catch(() => {});
  const { success } = await child.status;
  timers.forEach(clearTimeout);
  const seconds = (performance.now() - started) / 1000;
  const timer = setTimeout(() => ended.abort(), PATIENCE_MS);
  await reading;
  clearTimeout(timer);
  return { success, seconds, output };
}
