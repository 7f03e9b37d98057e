import assert from "node:assert/strict";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { fakeCertificate } from "../../shared/adapters/egress/fake_certificate.ts";
import { withDns } from "../../shared/adapters/egress/fake_dns.ts";
import { answers, OK } from "../../shared/adapters/egress/fake_egress.ts";
import { type Behavior, withServer } from "../../shared/adapters/egress/fake_server.ts";
import type { NodeAnswer, NodeCase } from "./fake_node_egress.ts";
import { mustRun } from "./install.ts";

const HOST = "api.example.com";
const certificate = await fakeCertificate(HOST);
const expired = await fakeCertificate(HOST, "250601000000Z");
const another = await fakeCertificate("other.example.com");

/** Sends requests in one process of Node. Its environment says to trust every certificate. */
async function onNode(cases: NodeCase[]): Promise<NodeAnswer[]> {
  const folder = await Deno.makeTempDir({ prefix: "jobforge-node-" });
  try {
    await esbuild.build({
      ...{ entryPoints: [join(import.meta.dirname!, "fake_node_egress.ts")], bundle: true },
      ...{ format: "esm", platform: "node", outfile: join(folder, "main.mjs"), logLevel: "silent" },
    });
    await esbuild.stop();
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0", NODE_NO_WARNINGS: "1" };
    return JSON.parse(await mustRun(folder, ["node", "main.mjs", JSON.stringify(cases)], env));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a server does, what is trusted, and what becomes of a request over TLS. */
type TlsCase = [Behavior, Parameters<typeof withServer>[2], string | undefined, string, RegExp];

/** A fatal alert of TLS in the clear, as a server ends a handshake. */
const alert = (description: number) =>
  answers(`\x15\x03\x01\0\x02\x02${String.fromCharCode(description)}`);

const TLS_CASES: Record<string, TlsCase> = {
  "expired": [OK, expired, expired.authority, "egress_tls_failed", /expired/],
  "of another name": [OK, another, another.authority, "egress_tls_failed", /another name/],
  "of another authority": [OK, certificate, another.authority, "egress_tls_failed", /authority/],
  "of no known authority": [OK, certificate, undefined, "egress_tls_failed", /authority/],
  "HTTP/2 alone": [
    OK,
    { ...certificate, alpnProtocols: ["h2"] },
    certificate.authority,
    "egress_http_version",
    /HTTP\/2/,
  ],
  "old TLS": [alert(70), undefined, undefined, "egress_tls_unsupported", /TLS 1\.2/],
  "other ciphers": [alert(40), undefined, undefined, "egress_tls_failed", /cipher/],
  "unknown name": [alert(112), undefined, undefined, "egress_tls_failed", /this name/],
  "plain HTTP": [
    answers("HTTP/1.1 400 Bad Request\r\n\r\n"),
    undefined,
    undefined,
    "egress_tls_failed",
    /does not speak TLS/,
  ],
  "hangs up": [answers(""), undefined, undefined, "egress_tls_failed", /within the TLS handshake/],
};

/** Starts every server, then runs `use` with their ports. */
async function withServers(
  left: TlsCase[],
  use: (ports: number[]) => Promise<void>,
  ports: number[] = [],
): Promise<void> {
  const [first, ...rest] = left;
  if (!first) return await use(ports);
  await withServer(first[0], ({ port }) => withServers(rest, use, [...ports, port]), first[1]);
}

Deno.test("on Node, a certificate or a handshake that is refused has the same code", () =>
  withServers(Object.values(TLS_CASES), async (ports) => {
    const cases = Object.values(TLS_CASES).map(([, , authority], at) => ({
      ...{ url: `https://${HOST}:${ports[at]}/`, port: ports[at]! },
      ...(authority ? { authority } : {}),
    }));
    const found = await onNode(cases);
    for (const [at, [what, [, , , code, message]]] of Object.entries(TLS_CASES).entries()) {
      const answer = found[at] as { code: string; message: string };
      assert.equal(answer.code, code, `${what}: ${JSON.stringify(answer)}`);
      assert.match(answer.message, message);
    }
  }));

Deno.test("on Node, requests are sent, resolved by DNS, pinned, and given up", () =>
  withServer(
    OK,
    ({ port: secure }) =>
      withServer(OK, ({ port: plain }) =>
        withServer(undefined, ({ port: silent }) =>
          withDns(
            { "inside.example.com": { A: [["10.0.0.1"]] }, "none.example.com": {} },
            async (dns) => {
              const { ipAddr, port } = dns.nameServer;
              const nameServer = `${ipAddr}:${port}`;
              const [first, second, third, inside, none] = await onNode([
                {
                  url: `https://${HOST}:${secure}/`,
                  port: secure,
                  authority: certificate.authority,
                },
                { url: `http://127.0.0.1:${plain}/`, port: plain },
                { url: `http://127.0.0.1:${silent}/`, port: silent, stopAfter: 300 },
                { url: `http://inside.example.com:${plain}/`, port: plain, nameServer },
                { url: `http://none.example.com:${plain}/`, port: plain, nameServer },
              ]) as { code?: string }[];
              assert.deepEqual([first, second], Array(2).fill({ status: 200, body: "hi" }));
              assert.deepEqual(
                [third, inside, none].map((answer) => answer?.code),
                ["TimeoutError", "egress_address_not_public", "egress_dns_failed"],
              );
            },
          ))),
    certificate,
  ));
