/**
 * Imported before the entry point of an Edge Function, in the function's own process: adds what the
 * platform's runtime has and Deno has not, `EdgeRuntime.waitUntil` and a `beforeunload` event with a
 * reason before the end, and serves on a free loopback port. Runs on Deno 2.1.4 and later.
 */
import { READY_LINE } from "./ready.ts";

const QUIET_MS = 100;
const GRACE_MS = 2000;

const background = new Set<Promise<unknown>>();
let ending = false;

Object.assign(globalThis, { EdgeRuntime: { waitUntil } });
serveOnFreePort();
Deno.addSignalListener("SIGTERM", end);
// The stack holds the other end of standard input: its end means that the stack is gone.
untilInputEnds().then(end);

function waitUntil<T>(work: Promise<T>): Promise<T> {
  background.add(work);
  work.catch((error) => console.error(error)).finally(() => background.delete(work));
  return work;
}

/** Ignores the port and host that a function requests, as the platform does. */
function serveOnFreePort(): void {
  const serve = Deno.serve;
  const onListen = ({ port }: { port: number }) => console.log(`${READY_LINE} ${port}`);
  const replacement = (first: unknown, second?: unknown) => {
    const { handler } = first as { handler?: unknown };
    const chosen = typeof first === "function" ? first : second ?? handler;
    const options = { hostname: "127.0.0.1", port: 0, onListen };
    return serve(options, chosen as Deno.ServeHandler);
  };
  Object.defineProperty(Deno, "serve", { value: replacement, configurable: true });
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  const detail = { reason: "termination" };
  globalThis.dispatchEvent(new CustomEvent("beforeunload", { detail }));
  // The first pause lets a listener register its last work with waitUntil.
  const finished = pause(QUIET_MS).then(() => Promise.allSettled([...background]));
  await Promise.race([finished, pause(GRACE_MS)]);
  Deno.exit(0);
}

async function untilInputEnds(): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer).catch(() => null) !== null);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
