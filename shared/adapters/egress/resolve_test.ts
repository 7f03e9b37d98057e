import assert from "node:assert/strict";
import { withDns } from "./fake_dns.ts";
import { dnsResolver } from "./resolve.ts";

const signal = () => new AbortController().signal;
const list = (count: number) => Array.from({ length: count }, (_, at) => `93.184.216.${at + 1}`);

const ZONE = {
  "both.example.com": { A: [["93.184.216.34"]], AAAA: [["2606:2800:220:1::1"]] },
  "four.example.com": { A: [["93.184.216.34"]] },
  // As many as storage.googleapis.com has.
  "sixteen.example.com": { A: [list(16)], AAAA: [list(16).map((_, at) => `2607:f8b0::${at + 1}`)] },
  "hundred.example.com": { A: [list(100)] },
  "six-silent.example.com": { A: [["93.184.216.34"]], silent: "AAAA" as const },
  "four-silent.example.com": { AAAA: [["2606:2800:220:1::1"]], silent: "A" as const },
  "six-fails.example.com": { A: [["93.184.216.34"]], failing: "AAAA" as const },
  "four-fails.example.com": { AAAA: [["2606:2800:220:1::1"]], failing: "A" as const },
  "all-fails.example.com": { failing: "A" as const },
  "none.example.com": {},
  "silent.example.com": { silent: true },
  "only-silent.example.com": { A: [[]], silent: "AAAA" as const },
};

Deno.test("names are resolved over DNS, both kinds of address", () =>
  withDns(ZONE, async ({ nameServer, queries }) => {
    const resolve = dnsResolver(nameServer);
    const addresses = await resolve("both.example.com", signal());
    assert.deepEqual(addresses, ["93.184.216.34", "2606:2800:220:1::1"]);
    assert.deepEqual(queries.sort(), ["A both.example.com", "AAAA both.example.com"]);
    assert.deepEqual(await resolve("four.example.com", signal()), ["93.184.216.34"]);
  }));

Deno.test("a host may have all the addresses of a large provider", () =>
  withDns(ZONE, async ({ nameServer }) => {
    const resolve = dnsResolver(nameServer);
    assert.equal((await resolve("sixteen.example.com", signal())).length, 32);
    assert.equal((await resolve("hundred.example.com", signal())).length, 100);
  }));

Deno.test("more addresses than any host has are refused", async () => {
  const original = Deno.resolveDns;
  try {
    Deno.resolveDns = (() => Promise.resolve(Array(1_025).fill("93.184.216.34"))) as never;
    const refusal = { code: "egress_too_many_addresses" };
    await assert.rejects(dnsResolver()("api.example.com", signal()), refusal);
  } finally {
    Deno.resolveDns = original;
  }
});

for (const [kind, address] of [["six", "93.184.216.34"], ["four", "2606:2800:220:1::1"]]) {
  Deno.test(`a record type that is never answered does not lose the name: ${kind}`, () =>
    withDns(ZONE, async ({ nameServer }) => {
      const started = new AbortController();
      const timer = setTimeout(() => started.abort(), 4_000);
      const addresses = await dnsResolver(nameServer)(`${kind}-silent.example.com`, started.signal);
      clearTimeout(timer);
      assert.deepEqual(addresses, [address]);
    }));

  Deno.test(`a record type that fails does not lose the name: ${kind}`, () =>
    withDns(ZONE, async ({ nameServer }) => {
      const addresses = await dnsResolver(nameServer)(`${kind}-fails.example.com`, signal());
      assert.deepEqual(addresses, [address]);
    }));
}

Deno.test("the other record type is waited for while there is no address", () =>
  withDns(ZONE, async ({ nameServer }) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 1_500);
    const sent = dnsResolver(nameServer)("only-silent.example.com", controller.signal);
    await assert.rejects(sent, { code: "egress_dns_failed", message: /could not be looked up/ });
    assert.equal(controller.signal.aborted, true);
    clearTimeout(timer);
  }));

Deno.test("a name without addresses may have some later", () =>
  withDns(ZONE, async ({ nameServer }) => {
    const resolve = dnsResolver(nameServer);
    for (const name of ["none.example.com", "unknown.example.com", "all-fails.example.com"]) {
      await assert.rejects(resolve(name, signal()), { code: "egress_dns_failed" });
    }
  }));

Deno.test("a silent name server is left when the deadline is over", () =>
  withDns(ZONE, async ({ nameServer }) => {
    const controller = new AbortController();
    const patient = new AbortController();
    const others = dnsResolver(nameServer)("silent.example.com", patient.signal);
    const resolving = dnsResolver(nameServer)("silent.example.com", controller.signal);
    setTimeout(() => controller.abort(), 100);
    const first = await Promise.race([
      resolving.catch(() => "left"),
      others.catch(() => "gave up"),
    ]);
    assert.equal(first, "left");
    await assert.rejects(resolving, { code: "egress_dns_failed" });
    patient.abort();
    await assert.rejects(others, { code: "egress_dns_failed" });
  }));
