import assert from "node:assert/strict";
import { parseJson, readCapped, readJson, requireJsonType } from "./body.ts";

const encoder = new TextEncoder();

function request(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request("http://x/", { method: "POST", body, headers });
}

Deno.test("a body within the cap is read whole", async () => {
  const parts = ['{"a":', "1}"].map((part) => encoder.encode(part));
  const stream = ReadableStream.from(parts);
  assert.deepEqual(await readJson(request(stream), 100), { a: 1 });
});

Deno.test("no body is an empty one", async () => {
  assert.equal((await readCapped(request(null), 10)).length, 0);
});

Deno.test("a body beyond the cap is refused while it comes in", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent++;
      controller.enqueue(new Uint8Array(1_000));
    },
  });
  await assert.rejects(readCapped(request(endless), 4_096), { code: "payload_too_large" });
  assert.ok(sent < 10);
});

Deno.test("a body that declares too much is refused before it is read", async () => {
  const lying = request("{}", { "content-length": "99999999999" });
  await assert.rejects(readCapped(lying, 4_096), { code: "payload_too_large" });
});

const BAD: Record<string, [text: string, message: string]> = {
  "an empty text": ["", "the body is not JSON: it is empty"],
  "half an object": ['{"a":', "the body is not JSON: it ends too early"],
  "half a text": ['{"a":"secret', "the body is not JSON: it ends too early"],
  "single quotes": ["{'a':1}", 'the body is not JSON: names and texts take "'],
  "a comma too much": [
    '{"a":1,\n "b":[1, 2, ]}',
    "the body is not JSON: take out the comma before ]",
  ],
  "a comma before the end": [
    '{\n  "a": "secret",\n}',
    "the body is not JSON: take out the comma before }",
  ],
  "a bare word": ['{"a":secret}', 'the body is not JSON: it has "s" where a value begins'],
  "a missing comma": ['{\n  "a": 1 "b": 2}', "the body is not JSON: line 2, column 10"],
  "more after it": ["{} {}", "the body is not JSON: line 1, column 4"],
  "a deep array": [
    "[".repeat(65) + "]".repeat(65),
    "the body must be JSON, nested at most 64 deep",
  ],
  "a very deep array": ["[".repeat(100_000), "the body must be JSON, nested at most 64 deep"],
};

for (const [what, [text, message]] of Object.entries(BAD)) {
  Deno.test(`${what} is not JSON we take`, () => {
    assert.throws(() => parseJson(encoder.encode(text)), { code: "invalid_json", message });
  });
}

Deno.test("broken UTF-8 is refused", () => {
  assert.throws(() => parseJson(new Uint8Array([0x22, 0xff, 0x22])), { code: "invalid_json" });
});

Deno.test("brackets inside texts do not count as depth", () => {
  const text = JSON.stringify({ a: "[".repeat(500) + '"\\' });
  assert.deepEqual(parseJson(encoder.encode(text)), JSON.parse(text));
});

Deno.test("a name twice in an object is refused with its place", () => {
  const bad: [text: string, path: string][] = [
    ['{"a":1,"b":[{"c":":","c":2}]}', "b.0.c"],
    ['{"a":1,"\\u0061":1}', "a"],
    ['{"__proto__":1,"__proto__":1}', "__proto__"],
  ];
  for (const [text, path] of bad) {
    assert.throws(() => parseJson(encoder.encode(text)), {
      code: "invalid_json",
      message: `the body has ${path} twice: send each name once`,
    });
  }
  const fine = '{"a":{"a":[{"a":1},{"a":":"}]},"":{},"b\\":":1970670598291982290}';
  assert.deepEqual(parseJson(encoder.encode(fine)), {
    a: { a: [{ a: 1 }, { a: ":" }] },
    "": {},
    'b":': 1970670598291982290n,
  });
});

Deno.test("only application/json is taken", () => {
  requireJsonType(request("{}", { "content-type": "application/json; charset=utf-8" }));
  for (const type of ["text/plain", "application/jsonp", "application/x-www-form-urlencoded"]) {
    const wrong = request("{}", { "content-type": type });
    assert.throws(() => requireJsonType(wrong), { code: "unsupported_media_type" });
  }
});

Deno.test("a body that comes byte by byte is read like any other", async () => {
  let left = 200_000;
  const drops = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- === 0) return controller.close();
      controller.enqueue(new Uint8Array(1));
    },
  });
  assert.equal((await readCapped(request(drops), 262_144)).length, 200_000);
});

Deno.test("others get their turns while a body comes byte by byte", async () => {
  let left = 20_000;
  const drops = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- === 0) return controller.close();
      controller.enqueue(new Uint8Array(1));
    },
  });
  let turns = 0;
  const timer = setInterval(() => turns++);
  try {
    await readCapped(request(drops), 262_144);
  } finally {
    clearInterval(timer);
  }
  assert.ok(turns > 20, `${turns} turns`);
});

/** Reads a body in pieces of 100 bytes, of which one of more than 250 bytes is large. */
async function readLarge(bytes: number, declared?: number) {
  let [sent, large] = [0, 0];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= bytes) return controller.close();
      const piece = Math.min(100, bytes - sent);
      sent += piece;
      controller.enqueue(new Uint8Array(piece));
    },
  }, { highWaterMark: 0 });
  const headers = declared === undefined ? {} : { "content-length": `${declared}` };
  const body = await readCapped(request(stream, headers), 1_000, {
    ...{ aboveBytes: 250, readBytes: 2_000 },
    onLarge: () => void large++,
    deadline: () => new AbortController().signal,
  }).catch(({ code }) => code);
  return { body: body.length && typeof body !== "string" ? body.length : body, large, sent };
}

const LARGE: [what: string, bytes: number, declared: number | undefined, expected: unknown][] = [
  ["of 250 bytes", 250, undefined, { body: 250, large: 0, sent: 250 }],
  ["of 251 bytes", 251, undefined, { body: 251, large: 1, sent: 251 }],
  ["that declares 251 bytes", 251, 251, { body: 251, large: 1, sent: 251 }],
  ["with an invalid length", 251, NaN, { body: 251, large: 1, sent: 251 }],
  ["that fills the cap", 1_000, undefined, { body: 1_000, large: 1, sent: 1_000 }],
  ["one byte beyond the cap", 1_001, 1_001, { body: "payload_too_large", large: 1, sent: 1_001 }],
  ["one byte beyond it, not declared", 1_001, undefined, {
    ...{ body: "payload_too_large", large: 1, sent: 1_001 },
  }],
  ["too long to read to its end", 9_000, undefined, {
    ...{ body: "payload_too_large", large: 1, sent: 2_100 },
  }],
  ["that declares too much to read", 9_000, 9_000, {
    ...{ body: "payload_too_large", large: 0, sent: 0 },
  }],
];

for (const [what, bytes, declared, expected] of LARGE) {
  Deno.test(`a large body ${what}`, async () => {
    assert.deepEqual(await readLarge(bytes, declared), expected);
  });
}
