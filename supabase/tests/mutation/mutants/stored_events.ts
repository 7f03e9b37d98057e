import type { Mutant } from "../mutant.ts";

const members = "shared/core/encoding/json_members.ts";
const membersTest = ["shared/core/encoding/json_members_test.ts"];
const event = "shared/core/webhook/received_event.ts";
const eventTest = ["shared/core/webhook/received_event_test.ts"];
const stored = "shared/worker/stored_bodies.ts";
const storedTest = ["shared/worker/stored_bodies_test.ts"];
const slotsTest = ["shared/worker/slots_test.ts"];
const reader = "shared/adapters/data_api/webhook_bodies.ts";
const readerTest = ["shared/adapters/data_api/webhook_bodies_test.ts"];

/** Faults in what a handler reads of a webhook, and in what decides about a large one. */
export const storedEvents: Mutant[] = [
  {
    name: "a custom sender's ID is not found in a large body",
    file: "shared/core/webhook/schemes/custom.ts",
    find: "members: signature.id_member ? [signature.id_member] : [],",
    replace: "members: [],",
    tests: ["shared/core/webhook/members_test.ts"],
  },
  {
    name: "Zoom's check is not found among the members",
    file: "shared/core/webhook/schemes/versioned.ts",
    find: 'members: ["event", "payload.plainToken"],',
    replace: 'members: ["event", "payload"],',
    tests: ["shared/core/webhook/members_test.ts"],
  },
  {
    name: "members are read however deep the rest is",
    file: members,
    find: "if (open.length > MAX_DEPTH) return false;",
    replace: "",
    tests: membersTest,
  },
  {
    name: "brackets in a text count among the members",
    file: members,
    find: "if (byte === BACKSLASH) at++;",
    replace: "if (byte === BACKSLASH) at += 0;",
    tests: membersTest,
  },
  {
    name: "what comes after an object does not count",
    file: members,
    find: "walk.object(members, wanted) && walk.atEnd()",
    replace: "walk.object(members, wanted)",
    tests: membersTest,
  },
  {
    name: "jobs hold any number of stored bodies",
    file: stored,
    find: "this.#heldBytes + size <= HELD_BODY_BYTES",
    replace: "this.#heldBytes + size <= HELD_BODY_BYTES * 100",
    tests: storedTest,
  },
  {
    name: "a small stored body overtakes a large one",
    file: stored,
    find: "this.#waiters.length === 0 && this.#fits(size)",
    replace: "this.#fits(size)",
    tests: storedTest,
  },
  {
    name: "a job waits forever for room for its body",
    file: stored,
    find: "end(() => reject(noRoom())), WAIT_MS",
    replace: "{}, WAIT_MS",
    tests: storedTest,
  },
  {
    name: "a stopped job goes on waiting for its body",
    file: stored,
    find: 'gone.addEventListener("abort", abort);',
    replace: "",
    tests: storedTest,
  },
  {
    name: "a stored body that is released twice counts twice",
    file: stored,
    find: "if (released.signal.aborted) return;",
    replace: "",
    tests: storedTest,
  },
  {
    name: "stored bodies are read at the same time",
    file: stored,
    find: "const done = this.#turn.then(work);",
    replace: "const done = Promise.resolve().then(work);",
    tests: storedTest,
  },
  {
    name: "a payload says that its stored body has any length",
    file: stored,
    find: "Number(bytes) >= 0 && Number(bytes) <= MAX_BODY_BYTES",
    replace: "Number(bytes) >= 0",
    tests: storedTest,
  },
  {
    name: "an attempt keeps its stored body",
    file: "shared/worker/attempt.ts",
    find: "    this.#body?.release();",
    replace: "",
    tests: slotsTest,
  },
  {
    name: "an abandoned attempt keeps its stored body",
    file: "shared/worker/slots.ts",
    find: '      attempt.interrupt({ kind: "shutdown", outcome }, Infinity);\n      attempt.end();',
    replace: '      attempt.interrupt({ kind: "shutdown", outcome }, Infinity);',
    tests: slotsTest,
  },
  {
    name: "a handler reads a stored body after its job has ended",
    file: "shared/worker/attempt.ts",
    find: 'if (this.isOver) throw new DOMException("the job has ended", "AbortError");',
    replace: "",
    tests: slotsTest,
  },
  {
    name: "a stored body that could not be read stays unread",
    file: "shared/worker/attempt.ts",
    find: "if (this.#body === body) this.#body = undefined;",
    replace: "",
    tests: slotsTest,
  },
  {
    name: "a stored body may be longer than its job says",
    file: reader,
    find: "part.length === 0 || part.length > size - read",
    replace: "part.length === 0",
    tests: readerTest,
  },
  {
    name: "a body is read from its beginning each time",
    file: reader,
    find: "p_from: from };",
    replace: "p_from: from * 0 };",
    tests: readerTest,
  },
  {
    name: "a job without a stored body is tried again",
    file: reader,
    find: "throw noStoredBody();",
    replace: "throw thrown;",
    tests: readerTest,
  },
  {
    name: "a stored body is not checked against its schema",
    file: event,
    find: "if (!parsed.issues) return parsed.value as Body;",
    replace: "if (!parsed.issues || value) return value as Body;",
    tests: eventTest,
  },
  {
    name: "an event may have two bodies",
    file: event,
    find: "form !== undefined).length === 1",
    replace: "form !== undefined).length > 0",
    tests: eventTest,
  },
  {
    name: "the body in a payload is not checked against its schema",
    file: event,
    find: "context.issues.push(inBody as z.core.$ZodRawIssue);",
    replace: "void inBody;",
    tests: eventTest,
  },
  {
    name: "a stored form has no members",
    file: event,
    find: "const value = readBody(scheme, request, jsonOrNothing);",
    replace:
      "const value = jsonOrNothing(request.body) ?? (void scheme, void readBody, undefined);",
    tests: eventTest,
  },
  {
    name: "the bytes of a stored webhook are not those of its body",
    file: "shared/adapters/data_api/webhook_endpoints.ts",
    find: "writeBase64(body, text.subarray(head.length, end));",
    replace: "writeBase64(body.subarray(1), text.subarray(head.length, end));",
    tests: ["shared/adapters/data_api/webhook_endpoints_test.ts"],
  },
  {
    name: "a webhook that takes too much memory is parsed",
    file: event,
    find: "hasMoreContainers(bytes, MAX_CONTAINERS)",
    replace: "hasMoreContainers(bytes, MAX_CONTAINERS * 10)",
    tests: eventTest,
  },
  {
    name: "bytes are made up for JSON that was stored without them",
    file: event,
    find: 'throw new PermanentError(message, { code: "body_not_kept" });',
    replace: "return utf8(JSON.stringify(this.#event.body)) ?? message;",
    tests: eventTest,
  },
  {
    name: "the signature of Shopify Events is not read",
    file: "shared/core/webhook/schemes/body_only.ts",
    find: 'request.header("x-shopify-hmac-sha256") ?? request.header("shopify-hmac-sha256")',
    replace: 'request.header("x-shopify-hmac-sha256")',
    tests: ["shared/core/webhook/shopify_test.ts"],
  },
  {
    name: "base64 is not padded",
    file: "shared/core/encoding/bytes.ts",
    find: "from + 2 < bytes.length ? BASE64[group & 63]! : PADDING",
    replace: "BASE64[group & 63]!",
    tests: ["shared/core/encoding/bytes_test.ts"],
  },
];
