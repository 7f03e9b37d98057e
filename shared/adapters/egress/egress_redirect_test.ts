import assert from "node:assert/strict";
import type { EgressMethod } from "../../core/egress/policy.ts";
import { createEgress, type EgressRequest } from "./egress.ts";
import { answers, code, get, never, OK, policy, site } from "./fake_egress.ts";
import { type Behavior, withServer } from "./fake_server.ts";

const redirect = (status: number, location: string) =>
  answers(`HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);

Deno.test("a redirect is an answer unless the policy follows it", () =>
  withServer(redirect(302, "http://127.0.0.1:1/"), async ({ port }) => {
    const egress = createEgress({ site: site(port) });
    const answer = await egress(get(`http://127.0.0.1:${port}/`), policy(port), never);
    assert.deepEqual([answer.status, answer.headers["location"]], [302, "http://127.0.0.1:1/"]);
  }));

Deno.test("a redirect with two targets is an answer", () =>
  withServer(redirect(302, "/a\r\nLocation: /b"), async ({ port, requests }) => {
    const following = policy(port, { redirects: 2 });
    const sent = createEgress({ site: site(port) })(
      get(`http://127.0.0.1:${port}/`),
      following,
      never,
    );
    assert.equal((await sent).status, 302);
    assert.equal(requests.length, 1);
  }));

const REDIRECTED: Record<string, [string, string]> = {
  "a private address": ["http://10.0.0.1:PORT/", "egress_host_not_allowed"],
  "loopback that is no local egress": ["http://127.0.0.1:8080/", "egress_port_not_allowed"],
  "a name in numbers": ["http://2852039166:PORT/", "egress_host_not_allowed"],
  "a file": ["file:///etc/passwd", "egress_scheme_not_allowed"],
  "a user name": ["http://a:b@api.example.com:PORT/", "egress_userinfo_not_allowed"],
  "a name that is private": ["http://private.example.com:PORT/", "egress_address_not_public"],
  "itself, forever": ["/", "egress_too_many_redirects"],
};
for (const [what, [location, expected]] of Object.entries(REDIRECTED)) {
  Deno.test(`a redirect to ${what} is checked like any request`, async () => {
    let port = 0;
    const behave: Behavior = (side) => {
      return redirect(307, location.replace("PORT", String(port)))!(side);
    };
    await withServer(behave, async (server) => {
      port = server.port;
      const resolve = () => Promise.resolve(["10.0.0.1"]);
      const egress = createEgress({ site: site(port), resolve });
      const following = policy(port, { redirects: 2 });
      const sent = egress(get(`http://127.0.0.1:${port}/`), following, never);
      assert.equal(await code(sent), expected);
    });
  });
}

Deno.test("as many redirects are followed as the policy says", async () => {
  for (const redirects of [0, 1, 3]) {
    await withServer(redirect(302, "/again"), async ({ port, requests }) => {
      const egress = createEgress({ site: site(port) });
      const following = policy(port, { redirects });
      await code(egress(get(`http://127.0.0.1:${port}/`), following, never));
      assert.equal(requests.length, redirects + 1);
    });
  }
});

Deno.test("another host is sent neither credentials nor the body of a 302", () =>
  withServer(OK, async (there) => {
    await withServer(redirect(302, `http://127.0.0.1:${there.port}/there`), async (here) => {
      const egress = createEgress({ site: site(here.port, there.port) });
      const request: EgressRequest = {
        ...{ url: `http://127.0.0.1:${here.port}/`, method: "POST" },
        headers: { "x-api-key": "planted", accept: "text/plain" },
        ownHeaders: { authorization: "planted" },
        body: new TextEncoder().encode("planted"),
      };
      const both = policy(here.port, { redirects: 1, ports: [here.port, there.port] });
      const answer = await egress(request, both, never);
      assert.deepEqual([answer.status, answer.redirects], [200, 1]);
      assert.match(here.requests[0]!, /x-api-key: planted\r\n.*authorization: planted\r\n/s);
      assert.match(there.requests[0]!, /^GET \/there HTTP\/1\.1\r\naccept: text\/plain\r\n/);
      assert.doesNotMatch(there.requests[0]!, /planted/);
    });
  }));

const METHODS: EgressMethod[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

for (
  const [method, status, next] of [
    ["PUT", 301, "PUT"],
    ["PATCH", 302, "PATCH"],
    ["DELETE", 302, "DELETE"],
    ["POST", 302, "GET"],
    ["PUT", 303, "GET"],
    ["POST", 307, "POST"],
  ] as const
) {
  Deno.test(`a ${method} goes on as ${next} after a ${status}`, () =>
    withServer(OK, async (there) => {
      await withServer(redirect(status, `http://127.0.0.1:${there.port}/`), async (here) => {
        const egress = createEgress({ site: site(here.port, there.port) });
        const both = { redirects: 1, ports: [here.port, there.port], methods: METHODS };
        const request = { url: `http://127.0.0.1:${here.port}/`, method };
        const answer = await egress(request, policy(here.port, both), never);
        assert.equal(answer.status, 200);
        assert.match(there.requests[0]!, new RegExp(`^${next} / `));
      });
    }));
}

Deno.test("a redirect sends nothing by a method that is not configured", () =>
  withServer(redirect(303, "/again"), async ({ port, requests }) => {
    const egress = createEgress({ site: site(port) });
    const posts = policy(port, { redirects: 1, methods: ["POST", "PUT"] });
    const request: EgressRequest = { url: `http://127.0.0.1:${port}/`, method: "POST" };
    assert.equal(await code(egress(request, posts, never)), "egress_method_not_allowed");
    assert.equal(requests.length, 1);
  }));

const BODIES: Record<string, string> = {
  "is compressed": "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz",
  "is cut": "Content-Length: 3000\r\n\r\nxyz",
  "has two lengths": "Content-Length: 3\r\nContent-Length: 4\r\n\r\nxyz",
  "has bad chunks": "Transfer-Encoding: chunked\r\n\r\nzz",
};
for (const [what, rest] of Object.entries(BODIES)) {
  Deno.test(`a redirect is followed when its body ${what}`, () =>
    withServer(OK, async (there) => {
      const location = `http://127.0.0.1:${there.port}/`;
      const behave = answers(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\n${rest}`);
      await withServer(behave, async (here) => {
        const egress = createEgress({ site: site(here.port, there.port) });
        const both = policy(here.port, { redirects: 1, ports: [here.port, there.port] });
        const answer = await egress(get(`http://127.0.0.1:${here.port}/`), both, never);
        assert.deepEqual([answer.status, answer.redirects], [200, 1]);
      });
    }));
}
