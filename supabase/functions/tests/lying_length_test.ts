import assert from "node:assert/strict";
import { join } from "node:path";
import { edgeFunction } from "../../../local/edge/function.ts";
import { generateKeys, platformVariables } from "../../../local/keys.ts";
import { openLogbook } from "../../../local/logbook.ts";
import { functionNames, PROJECT_ROOT } from "../../../local/project.ts";

// `Request.text()` and its kind allocate what Content-Length declares, which ends Deno 2.1.4.
const LIES: [string, string][] = [
  ["declares 100 GB and sends two bytes", "content-length: 99999999999\r\n\r\n{}"],
  ["declares more than a number holds", "content-length: 99999999999999999999\r\n\r\n{}"],
  ["declares a little more than it sends", "content-length: 1000\r\n\r\n{}"],
  ["declares nothing and breaks off a chunk", "transfer-encoding: chunked\r\n\r\nffffffff\r\n{}"],
];
// Where a function reads bodies, if not at its root.
const ROUTES: Record<string, string> = { "webhook-verify": `/${crypto.randomUUID()}` };
const folder = join(PROJECT_ROOT, "supabase/functions");

/** A function on its own, without a gateway that could correct what is sent. */
async function withFunction(name: string, use: (port: number) => Promise<void>): Promise<void> {
  const env = await platformVariables("http://127.0.0.1:9", generateKeys(), "postgresql://none");
  const config = join(PROJECT_ROOT, "deno.json");
  const execPath = Deno.env.get("JOBFORGE_EDGE_DENO");
  const logbook = openLogbook(undefined);
  const source = { name, directory: join(folder, name), config, env };
  const running = edgeFunction(source, execPath ? { execPath } : {}, logbook);
  try {
    await use(await running.port());
    assert.notEqual(running.pid, undefined, logbook.read(name).join("\n"));
  } finally {
    await running.stop();
  }
}

/** Sends raw HTTP, closes its half, and reads until the other side is done. */
async function send(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await connection.write(new TextEncoder().encode(text));
    await connection.closeWrite();
    return await new Response(connection.readable).text();
  } catch {
    return "";
  }
}

for (const name of await functionNames(folder)) {
  Deno.test(`${name} outlives requests that lie about their length`, (t) =>
    withFunction(name, async (port) => {
      const key = ["sb", "secret", "madeup"].join("_");
      const head = `POST /${name}${ROUTES[name] ?? ""} HTTP/1.1\r\nhost: x\r\napikey: ${key}\r\n` +
        "content-type: application/json\r\n";
      for (const [what, rest] of LIES) {
        await t.step(what, async () => {
          await send(port, head + rest);
          const alive = await fetch(`http://127.0.0.1:${port}/${name}/no/such/route`);
          assert.equal(alive.status, 404);
          await alive.body?.cancel();
        });
      }
    }));
}
