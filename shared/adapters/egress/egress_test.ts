import assert from "node:assert/strict";
import { type Dial, tcpDial } from "./dial.ts";
import { createEgress, type EgressOptions, type EgressRequest } from "./egress.ts";
import { fakeCertificate } from "./fake_certificate.ts";
import { withDns } from "./fake_dns.ts";
import { answers, code, get, never, OK, policy, site } from "./fake_egress.ts";
import { type Behavior, withServer } from "./fake_server.ts";
import { dnsResolver } from "./resolve.ts";

const PUBLIC = "93.184.216.34";
const certificate = await fakeCertificate("api.example.com");

const loopback = () => Promise.resolve(["127.0.0.1"]);

/** A dial that records the addresses. Tests cannot reach a public address. */
function recordingDial(): { dial: Dial; dialed: string[] } {
  const dialed: string[] = [];
  const dial: Dial = (address) => {
    dialed.push(address);
    return Promise.reject(new Error("no network"));
  };
  return { dial, dialed };
}

Deno.test("a request arrives with its headers, ours win, and the answer is kept", () =>
  withServer(
    answers("HTTP/1.1 404 Not Found\r\nX-A: 1\r\nETag: e\r\nContent-Length: 2\r\n\r\nhi"),
    async ({ port, requests }) => {
      const request: EgressRequest = {
        ...{ url: `http://127.0.0.1:${port}/a?b=c#d`, method: "POST" },
        headers: { "X-Job": "1" },
        ownHeaders: { authorization: "Bearer s" },
        body: new TextEncoder().encode("body"),
      };
      const answer = await createEgress({ site: site(port) })(request, policy(port), never);
      assert.deepEqual([answer.status, answer.headers, answer.redirects], [404, { etag: "e" }, 0]);
      assert.equal(new TextDecoder().decode(answer.body), "hi");
      assert.match(requests[0]!, /^POST \/a\?b=c HTTP\/1\.1\r\n/);
      assert.match(requests[0]!, /\r\nx-job: 1\r\nauthorization: Bearer s\r\n/);
      assert.match(requests[0]!, /\r\ncontent-length: 4\r\n/);
    },
  ));

Deno.test("method, body and headers are checked before anything is looked up", async () => {
  const { dial, dialed } = recordingDial();
  const resolved: string[] = [];
  const resolve = (name: string) => (resolved.push(name), loopback());
  const egress = createEgress({ site: site(), resolve, dial });
  const url = "https://api.example.com/";
  const tries: [EgressRequest, string][] = [
    [{ url, method: "DELETE" }, "egress_method_not_allowed"],
    [{ url, method: "GET", body: new Uint8Array(1) }, "egress_body_not_allowed"],
    [{ url, method: "HEAD", body: new Uint8Array(1) }, "egress_body_not_allowed"],
    [{ url, method: "GET", headers: { host: "x" } }, "egress_header_not_allowed"],
    [
      { url, method: "GET", headers: { "X-Key": "mine" }, ownHeaders: { "x-key": "ours" } },
      "egress_header_not_allowed",
    ],
    [{ url, method: "GET", ownHeaders: { "x-key": "a\r\nb" } }, "egress_header_not_allowed"],
    [get("https://other.example.org/"), "egress_host_not_allowed"],
  ];
  for (const [request, expected] of tries) {
    const allowed = policy(443, { methods: ["GET", "HEAD", "POST"] });
    assert.equal(await code(egress(request, allowed, never)), expected);
  }
  assert.deepEqual([dialed, resolved], [[], []]);
});

const NOT_ALL_PUBLIC: Record<string, string[]> = {
  "loopback": ["127.0.0.1"],
  "one private among public ones": [PUBLIC, "10.0.0.1"],
  "private first": ["192.168.0.1", PUBLIC],
  "metadata": ["169.254.169.254"],
  "mapped loopback": ["::ffff:7f00:1"],
  "no address at all": ["localhost"],
};
for (const [what, addresses] of Object.entries(NOT_ALL_PUBLIC)) {
  Deno.test(`a name that resolves to ${what} is refused, and nothing is dialed`, async () => {
    const { dial, dialed } = recordingDial();
    const egress = createEgress({ site: site(), dial, resolve: () => Promise.resolve(addresses) });
    const sent = egress(get("https://api.example.com/"), policy(443), never);
    assert.equal(await code(sent), "egress_address_not_public");
    assert.deepEqual(dialed, []);
  });
}

Deno.test("a name that rebinds is dialed at the address that was checked", () =>
  withServer(OK, async ({ port, requests }) => {
    // The first answer is a public address, every later one the server on loopback.
    const zone = { "api.example.com": { A: [[PUBLIC], ["127.0.0.1"]] } };
    await withDns(zone, async ({ nameServer, queries }) => {
      const { dial, dialed } = recordingDial();
      const resolve = dnsResolver(nameServer);
      const egress = createEgress({ site: site(), resolve, dial });
      const first = egress(get(`http://api.example.com:${port}/`), policy(port), never);
      assert.equal(await code(first), "egress_connect_failed");
      assert.deepEqual(dialed, [PUBLIC]);
      assert.deepEqual(queries.sort(), ["A api.example.com", "AAAA api.example.com"]);
      const second = egress(get(`http://api.example.com:${port}/`), policy(port), never);
      assert.equal(await code(second), "egress_address_not_public");
      assert.deepEqual([dialed, requests], [[PUBLIC], []]);
    });
  }));

Deno.test("one address that is not public refuses a host, also behind many public ones", () => {
  const many = Array.from({ length: 40 }, (_, at) => `93.184.216.${at + 1}`);
  const zone = {
    "mixed.example.com": { A: [[PUBLIC]], AAAA: [["::1"]] },
    "many.example.com": { A: [[...many, "10.0.0.1"]] },
  };
  return withDns(zone, async ({ nameServer }) => {
    const { dial, dialed } = recordingDial();
    const egress = createEgress({ site: site(), resolve: dnsResolver(nameServer), dial });
    const to = (host: string) => code(egress(get(`https://${host}/`), policy(443), never));
    assert.equal(await to("mixed.example.com"), "egress_address_not_public");
    assert.equal(await to("many.example.com"), "egress_address_not_public");
    assert.deepEqual(dialed, []);
  });
});

Deno.test("a connection that reached another address is closed before a byte is sent", () =>
  withServer(OK, async ({ port, requests }) => {
    let closed = 0;
    const dial: Dial = async () => {
      const connection = await tcpDial()("127.0.0.1", port, never);
      return { ...connection, close: () => (closed++, connection.close()) };
    };
    const egress = createEgress({ site: site(), dial, resolve: () => Promise.resolve([PUBLIC]) });
    const sent = egress(get("http://api.example.com:80/"), policy(80), never);
    assert.equal(await code(sent), "egress_address_not_public");
    assert.deepEqual([requests, closed], [[], 1]);
  }));

Deno.test("a connection is closed once its answer is read", () =>
  withServer(OK, async ({ port }) => {
    let closed = 0;
    const dial: Dial = async (address, at, signal) => {
      const connection = await tcpDial()(address, at, signal);
      return { ...connection, close: () => (closed++, connection.close()) };
    };
    const egress = createEgress({ site: site(port), dial });
    await egress(get(`http://127.0.0.1:${port}/`), policy(port), never);
    assert.equal(closed, 1);
  }));

Deno.test("the next address is tried when one cannot be connected to", () =>
  withServer(OK, async ({ port }) => {
    const dialed: string[] = [];
    const dial: Dial = (address, at, signal) => {
      dialed.push(address);
      return address === PUBLIC ? Promise.reject(new Error()) : tcpDial()(address, at, signal);
    };
    const resolve = () => Promise.resolve([PUBLIC, "127.0.0.1"]);
    const egress = createEgress({ site: site(port), dial, resolve });
    const answer = await egress(get(`http://api.example.com:${port}/`), policy(port), never);
    assert.deepEqual([answer.status, dialed], [200, [PUBLIC, "127.0.0.1"]]);
  }));

Deno.test("a certificate counts for its name, and only with an authority that is trusted", () =>
  withServer(
    OK,
    async ({ port, requests }) => {
      const to = (host: string, caCerts: string[]) => {
        const options: EgressOptions = { site: site(port), resolve: loopback };
        const egress = createEgress({ ...options, dial: tcpDial(caCerts) });
        return code(egress(get(`https://${host}:${port}/`), policy(port), never));
      };
      const { authority } = certificate;
      assert.equal(await to("api.example.com", [authority]), "sent");
      assert.equal(await to("evil.example.com", [authority]), "egress_tls_failed");
      assert.equal(await to("127.0.0.1", [authority]), "egress_tls_failed");
      assert.equal(await to("api.example.com", []), "egress_tls_failed");
      assert.equal(requests.length, 1);
    },
    certificate,
  ));

Deno.test("a handshake, and a body under TLS, end with the time for all of it", async () => {
  const options: EgressOptions = { site: site(), resolve: loopback };
  const to = (port: number) => {
    const dial = tcpDial([certificate.authority]);
    const egress = createEgress({ ...options, site: site(port), dial });
    const short = policy(port, { timeoutMs: 200 });
    return code(egress(get(`https://api.example.com:${port}/`), short, never));
  };
  await withServer(undefined, async ({ port }) => assert.equal(await to(port), "egress_timeout"));
  const drip: Behavior = async ({ write, pause }) => {
    await write("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n");
    for (;;) {
      await write("x");
      await pause(20);
    }
  };
  const slow = ({ port }: { port: number }) =>
    to(port).then((said) => assert.equal(said, "egress_timeout"));
  await withServer(drip, slow, certificate);
});

Deno.test("connecting ends with the time for all of it, and what comes late is closed", () =>
  withServer(undefined, async (server) => {
    const dial: Dial = async (address, port, signal) => {
      const connection = await tcpDial()(address, port, signal);
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      connection.close();
      throw signal.reason;
    };
    const egress = createEgress({ site: site(server.port), dial });
    const short = policy(server.port, { timeoutMs: 100 });
    const sent = egress(get(`http://127.0.0.1:${server.port}/`), short, never);
    assert.equal(await code(sent), "egress_timeout");
  }));

Deno.test("a job that is stopped stops its request, with its own reason", () =>
  withServer(undefined, async ({ port }) => {
    const controller = new AbortController();
    const egress = createEgress({ site: site(port) });
    const url = `http://127.0.0.1:${port}/`;
    const sent = egress(get(url), policy(port), controller.signal);
    setTimeout(() => controller.abort(new Error("canceled")), 50);
    assert.equal(await code(sent), "canceled");
    assert.equal(await code(egress(get(url), policy(port), controller.signal)), "canceled");
  }));

Deno.test("proxies of the environment are not used", () =>
  withServer(OK, async (server) => {
    await withServer(OK, async (proxy) => {
      const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"];
      const before = names.map((name) => [name, Deno.env.get(name)] as const);
      for (const name of names) Deno.env.set(name, `http://127.0.0.1:${proxy.port}`);
      try {
        const egress = createEgress({ site: site(server.port) });
        const sent = egress(get(`http://127.0.0.1:${server.port}/`), policy(server.port), never);
        assert.equal(await code(sent), "sent");
        assert.equal(proxy.connections, 0);
      } finally {
        for (const [name, value] of before) {
          if (value === undefined) Deno.env.delete(name);
          else Deno.env.set(name, value);
        }
      }
    });
  }));

Deno.test("a server that answers before it has read the whole request is heard", () =>
  withServer(answers("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"), async ({ port }) => {
    const body = new Uint8Array(8_000_000);
    const request: EgressRequest = { url: `http://127.0.0.1:${port}/`, method: "POST", body };
    const said = await createEgress({ site: site(port) })(request, policy(port), never)
      .then(({ status }) => String(status), (thrown) => thrown.code);
    // The reset may arrive before the answer. It then counts as lost and is retried.
    assert.ok(said === "413" || said === "egress_connection_lost", said);
  }));
