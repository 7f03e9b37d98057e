import assert from "node:assert/strict";
import { defineJob } from "./job_type.ts";
import { checkPayload } from "./payload.ts";
import { type Schema, validate } from "./schema.ts";

/** A schema of no library: an object with a text at `lines[0].text`. */
const lines: Schema<{ lines: { text: string }[] }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => {
      const { lines } = value as { lines: { text: string }[] };
      if (typeof lines[0]?.text === "string") return { value: { lines } };
      const path = ["lines", { key: 0 }, "text"];
      return { issues: [{ message: `planted ${JSON.stringify(value)}`, path }] };
    },
  },
};

Deno.test("a payload is checked by a schema of any library", () => {
  const definition = defineJob({ type: "lines.print", payload: lines });
  const payload = { lines: [{ text: "a" }] };
  assert.deepEqual(checkPayload(definition, payload), { ok: true, payload });
});

Deno.test("issues of any library have a path, and none of its messages", () => {
  const definition = defineJob({ type: "lines.print", payload: lines });
  const check = checkPayload(definition, { lines: [{ text: 1 }] });
  assert.deepEqual(check, { ok: false, issues: [{ path: "lines.0.text", rule: "invalid" }] });
});

Deno.test("a schema that answers with a promise is refused", () => {
  const slow: Schema = {
    "~standard": { version: 1, vendor: "test", validate: () => Promise.resolve({ value: 1 }) },
  };
  assert.throws(() => validate(slow, 1), TypeError);
});
