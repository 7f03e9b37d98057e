import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../local/project.ts";

const PLACES = [
  ...["rejection", "lateRejection", "timer", "interval", "microtask", "port", "abort", "onabort"],
  ...["listenerObject", "nodeTimer", "nodeImmediate", "beforeTimers", "reported"],
];
const VALUES = ["error", "null", "undefined", "symbol", "revoked", "unreadable"];

/** Returns the lines of a process whose handlers throw everywhere, on the Deno of the functions. */
async function linesOfProcess(): Promise<string[]> {
  const script = join(import.meta.dirname!, "hostile_handlers/throw_everywhere.ts");
  const config = join(PROJECT_ROOT, "deno.json");
  const deno = Deno.env.get("JOBFORGE_EDGE_DENO") ?? Deno.execPath();
  const args = ["run", "--quiet", "--no-lock", "--no-prompt", "--config", config, script];
  const { code, stdout, stderr } = await new Deno.Command(deno, { args }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stdout) + text.decode(stderr));
  return text.decode(stdout).trim().split("\n");
}

Deno.test("what handlers throw outside their promises ends no isolate and names its job", async () => {
  const [version, ...lines] = await linesOfProcess();
  assert.equal(lines.pop(), "alive");
  assert.equal(lines.pop(), "promisified");
  // Deno 2.1.4 and the edge runtime have no scope in the event of a rejection.
  const hasScopeOfRejections = !version!.startsWith("2.1.");
  const expected = PLACES.flatMap((place) =>
    VALUES.map((kind) => {
      const isKnown = hasScopeOfRejections || !/rejection/i.test(place);
      return isKnown ? `${place}/${kind}` : "unknown";
    })
  );
  // One listener that two attempts share.
  assert.deepEqual(lines.toSorted(), [...expected, "unknown"].toSorted());
});
