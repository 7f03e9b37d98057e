import assert from "node:assert/strict";
import type { EgressMethod } from "./policy.ts";
import { type HopRequest, redirectedRequest, redirectTarget } from "./redirect.ts";
import { formatRequestHead } from "./request_head.ts";
import { parseUrl } from "./url.ts";

const METHODS: EgressMethod[] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const HERE = parseUrl("https://api.example.com/a/b?c=d");
const request: HopRequest = {
  method: "POST",
  headers: {
    ...{ authorization: "Bearer planted", "x-api-key": "planted", "idempotency-key": "planted" },
    ...{ accept: "text/plain", "content-type": "text/plain", traceparent: "planted" },
  },
  body: new Uint8Array([1]),
};

Deno.test("a redirect leads where its location says, relative to here", () => {
  const to = (status: number, location: string | undefined) =>
    redirectTarget(status, location, HERE);
  assert.equal(to(302, "/x"), "https://api.example.com/x");
  assert.equal(to(307, "//127.0.0.1/"), "https://127.0.0.1/");
  // The head has one character a byte, and these are the bytes of an ä in UTF-8.
  assert.equal(to(302, "/\xc3\xa4?\xc3\xa4"), "https://api.example.com/%C3%A4?%C3%A4");
  assert.equal(to(301, "file:///etc/passwd"), "file:///etc/passwd");
  assert.deepEqual([to(302, undefined), to(302, "https://["), to(200, "/x"), to(304, "/x")], [
    ...[undefined, undefined, undefined, undefined],
  ]);
});

Deno.test("only the five statuses of a redirect with one target lead elsewhere", () => {
  const leading = Array.from({ length: 100 }, (_, at) => 300 + at)
    .filter((status) => redirectTarget(status, "/x", HERE) !== undefined);
  assert.deepEqual(leading, [301, 302, 303, 307, 308]);
});

Deno.test("a request that becomes a GET has no header about its body", () => {
  const headers = { ...request.headers, "content-language": "de", "content-encoding": "gzip" };
  const hop = redirectedRequest(303, { ...request, headers }, HERE, parseUrl(HERE.href), METHODS);
  assert.deepEqual(Object.keys(hop.headers).filter((name) => name.startsWith("content-")), []);
});

const ELSEWHERE = {
  "another host": "https://evil.example.com/",
  "a name below": "https://x.api.example.com/",
  "another port": "https://api.example.com:8443/",
  "another scheme": "http://api.example.com/",
};
for (const [what, url] of Object.entries(ELSEWHERE)) {
  Deno.test(`${what} gets no credential, nor anything else of ours`, () => {
    const hop = redirectedRequest(307, request, HERE, parseUrl(url), METHODS);
    assert.deepEqual(hop.headers, { accept: "text/plain", "content-type": "text/plain" });
    assert.doesNotMatch(JSON.stringify(hop.headers), /planted/);
  });
}

Deno.test("the same origin gets the same headers", () => {
  const same = parseUrl("https://api.example.com:443/x");
  const hop = redirectedRequest(308, request, HERE, same, METHODS);
  assert.deepEqual(hop, request);
});

const THERE = parseUrl("https://api.example.com/x");
const NEXT_METHODS: Record<number, Partial<Record<EgressMethod, EgressMethod>>> = {
  301: { POST: "GET" },
  302: { POST: "GET" },
  303: { POST: "GET", PUT: "GET", PATCH: "GET", DELETE: "GET" },
  307: {},
  308: {},
};
for (const [status, turned] of Object.entries(NEXT_METHODS)) {
  Deno.test(`${status} keeps and changes methods as fetch does`, () => {
    for (const method of METHODS) {
      const hop = redirectedRequest(Number(status), { ...request, method }, HERE, THERE, METHODS);
      const isTurned = turned[method] !== undefined;
      assert.deepEqual([hop.method, hop.body, hop.headers["content-type"]], [
        turned[method] ?? method,
        isTurned ? undefined : request.body,
        isTurned ? undefined : "text/plain",
      ]);
    }
  });
}

Deno.test("a redirect does not lead out of the configured methods", () => {
  for (const status of [301, 302, 303]) {
    assert.throws(() => redirectedRequest(status, request, HERE, THERE, ["POST", "PUT"]), {
      code: "egress_method_not_allowed",
    });
  }
  assert.equal(redirectedRequest(307, request, HERE, THERE, ["POST"]).method, "POST");
});

Deno.test("a request is written with one host, one length, no coding, and ends its connection", () => {
  const written = (hop: HopRequest) => new TextDecoder().decode(formatRequestHead(HERE, hop));
  assert.equal(
    written({ method: "POST", headers: { "x-a": "1" }, body: new Uint8Array(3) }),
    "POST /a/b?c=d HTTP/1.1\r\naccept: */*\r\nuser-agent: JobForge\r\nx-a: 1\r\n" +
      "host: api.example.com\r\naccept-encoding: identity\r\nconnection: close\r\n" +
      "content-length: 3\r\n\r\n",
  );
  assert.match(
    written({ method: "PUT", headers: {}, body: undefined }),
    /\r\ncontent-length: 0\r\n/,
  );
  assert.doesNotMatch(written({ method: "GET", headers: {}, body: undefined }), /content-length/);
});
