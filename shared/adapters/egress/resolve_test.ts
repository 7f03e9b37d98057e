import assert from "node:assert/strict";
import { withDns } from "./fake_dns.ts";
import { dnsResolver } from "./resolve.ts";

const signal = () => new AbortController().signal;
const list = (count: number) => Array.from({ length: count }, (_, at) => `93.184.216.${at + 1}`);

const ZONE = {
  "both.example.com": { A: [["93.184.216.34"]], AAAA: [["2606:2800:220:1::1"]] },
  "four.example.com": { A: [["93.184.216.34"]] },
  "eight.example.com": { A: [list(8)] },
  "nine.example.com": { A: [list(9)] },
  "none.example.com": {},
  "silent.example.com": { silent: true },
};

Deno.test("names are resolved over DNS, both kinds of address", () =>
  withDns(ZONE, async ({ nameServer, queries }) => {
    const resolve = dnsResolver(nameServer);
    const addresses = await resolve("both.example.com", signal());
    assert.deepEqual(addresses, ["93.184.216.34", "2606:2800:220:1::1"]);
    assert.deepEqual(queries.sort(), ["A both.example.com", "AAAA both.example.com"]);
    assert.deepEqual(await resolve("four.example.com", signal()), ["93.184.216.34"]);
    assert.equal((await resolve("eight.example.com", signal())).length, 8);
  }));

Deno.test("too many answers are refused", () =>
  withDns(ZONE, async ({ nameServer }) => {
    const resolve = dnsResolver(nameServer);
    const refusal = { code: "egress_too_many_addresses" };
    await assert.rejects(resolve("nine.example.com", signal()), refusal);
  }));

Deno.test("a name without addresses may have some later", () =>
  withDns(ZONE, async ({ nameServer }) => {
    const resolve = dnsResolver(nameServer);
    for (const name of ["none.example.com", "unknown.example.com"]) {
      await assert.rejects(resolve(name, signal()), { code: "egress_dns_failed" });
    }
  }));

Deno.test("a silent name server is left when the deadline is over", () =>
  withDns(ZONE, async ({ nameServer }) => {
    const controller = new AbortController();
    const resolving = dnsResolver(nameServer)("silent.example.com", controller.signal);
    setTimeout(() => controller.abort(), 100);
    await assert.rejects(resolving, { code: "egress_dns_failed" });
  }));
