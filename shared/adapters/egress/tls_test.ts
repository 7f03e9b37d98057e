import assert from "node:assert/strict";
import { tcpDial } from "./dial.ts";
import { createEgress } from "./egress.ts";
import { fakeCertificate } from "./fake_certificate.ts";
import { answers, get, never, OK, policy, site } from "./fake_egress.ts";
import { type Behavior, withServer } from "./fake_server.ts";

const HOST = "api.example.com";
const certificate = await fakeCertificate(HOST);
const expired = await fakeCertificate(HOST, "250601000000Z");
const another = await fakeCertificate("other.example.com");

interface Failure {
  name: string;
  code: string;
  message: string;
}

async function failureOf(port: number, authority: string): Promise<Failure> {
  const resolve = () => Promise.resolve(["127.0.0.1"]);
  const egress = createEgress({ site: site(port), resolve, dial: tcpDial([authority]) });
  return await egress(get(`https://${HOST}:${port}/`), policy(port), never)
    .then(() => assert.fail("sent"), (thrown) => thrown);
}

/** A fatal alert of TLS in the clear, as a server ends a handshake. */
const alert = (description: number) =>
  answers(`\x15\x03\x01\0\x02\x02${String.fromCharCode(description)}`);

const CAUSES: Record<string, [Behavior, string, RegExp]> = {
  "a server of old TLS": [alert(70), "egress_tls_unsupported", /TLS 1\.2/],
  "a server of HTTP/2 alone": [alert(120), "egress_http_version", /HTTP\/2/],
  "a server of other ciphers": [alert(40), "egress_tls_failed", /cipher/],
  "a server that does not know the name": [alert(112), "egress_tls_failed", /this name/],
  "a server of plain HTTP": [
    answers("HTTP/1.1 400 Bad Request\r\n\r\n"),
    "egress_tls_failed",
    /does not speak TLS/,
  ],
  "a server that hangs up": [answers(""), "egress_tls_failed", /ended within the TLS handshake/],
};
for (const [what, [behave, code, message]] of Object.entries(CAUSES)) {
  Deno.test(`the cause is named: ${what}`, () =>
    withServer(behave, async ({ port }) => {
      const failure = await failureOf(port, certificate.authority);
      assert.equal(failure.code, code);
      assert.match(failure.message, message);
    }));
}

const CERTIFICATES = {
  "one that expired": [expired, expired.authority, /expired/],
  "one for another name": [another, another.authority, /another name/],
  "one of another authority": [certificate, another.authority, /authority/],
} as const;
for (const [what, [shown, authority, message]] of Object.entries(CERTIFICATES)) {
  Deno.test(`a certificate that is not accepted is named, and may be renewed: ${what}`, () =>
    withServer(
      OK,
      async ({ port, requests }) => {
        const failure = await failureOf(port, authority);
        assert.deepEqual([failure.name, failure.code], ["EgressFailed", "egress_tls_failed"]);
        assert.match(failure.message, message);
        assert.deepEqual(requests, []);
      },
      shown,
    ));
}

Deno.test("a real server of HTTP/2 alone fails for good", () =>
  withServer(
    OK,
    async ({ port }) => {
      const failure = await failureOf(port, certificate.authority);
      assert.deepEqual([failure.name, failure.code], ["EgressRefused", "egress_http_version"]);
    },
    { ...certificate, alpnProtocols: ["h2"] },
  ));
