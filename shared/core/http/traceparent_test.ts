import assert from "node:assert/strict";
import { acceptTrace, formatTraceparent, newTrace, parseTraceparent } from "./traceparent.ts";

const SOUND = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Deno.test("a sound traceparent survives parsing and formatting", () => {
  const trace = parseTraceparent(SOUND);
  assert.ok(trace);
  assert.equal(formatTraceparent(trace), SOUND);
});

const BAD = {
  "empty": "",
  "upper case": SOUND.toUpperCase(),
  "another version": `01${SOUND.slice(2)}`,
  "version ff": `ff${SOUND.slice(2)}`,
  "zero trace id": "00-00000000000000000000000000000000-b7ad6b7169203331-01",
  "zero parent id": "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
  "a tail": `${SOUND}-more`,
  "a space": ` ${SOUND}`,
  "a line break": `${SOUND}\n`,
  "a short id": "00-0af7-b7ad6b7169203331-01",
};

for (const [what, header] of Object.entries(BAD)) {
  Deno.test(`a traceparent with ${what} is ignored`, () => {
    assert.equal(parseTraceparent(header), undefined);
  });
}

Deno.test("a missing or bad traceparent starts a new trace", () => {
  const random = () => new Uint8Array(24).fill(0xab);
  assert.deepEqual(acceptTrace(null, random), newTrace(random()));
  assert.deepEqual(acceptTrace("junk", random), newTrace(random()));
  assert.ok(parseTraceparent(formatTraceparent(newTrace(random()))));
});
