import assert from "node:assert/strict";
import { ATTACKS } from "./fake_attacks.ts";
import type { EgressPolicy } from "./policy.ts";
import { checkAddress, checkUrl, type EgressSite, parseUrl } from "./url.ts";

const SITE: EgressSite = {
  supabaseUrl: "https://abcdefghijklmnopqrst.supabase.co",
  localEgress: [],
};
const POLICY: EgressPolicy = {
  hosts: ["api.example.com"],
  schemes: ["https"],
  ports: [443],
  methods: ["GET"],
  redirects: 0,
  timeoutMs: 1_000,
  maxResponseBytes: 1_000,
  responseHeaders: [],
};

/** A policy that allows the URL's own host and every port, so that only the other rules remain. */
function openPolicy(url: string): EgressPolicy {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const host = parsed?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const ports = [...POLICY.ports, Number(parsed?.port || 443)];
  return { ...POLICY, hosts: [host, host.replace(/^[^.]+/, "*")], ports };
}

/** A guard of URLs. It returns the code of a rule, or that the request may be sent. */
type Guard = (url: string, resolves: string[]) => string;

const ours: Guard = (url, resolves) => {
  try {
    const checked = checkUrl(url, openPolicy(url), SITE);
    for (const address of resolves) checkAddress(address, checked.port, SITE);
    return "allowed";
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
};

/** The check of many workers: an expression over the text of a URL that can be parsed. */
const naive: Guard = (url) => {
  const looksLocal = /localhost|127\.|10\.|192\.168\./.test(url);
  return looksLocal || !/^https?:/.test(url) || !URL.canParse(url) ? "refused" : "allowed";
};

const through = (guard: Guard) =>
  ATTACKS.filter(({ url, resolves = [] }) => guard(url, resolves) === "allowed");

Deno.test("the table has every family of attack, each spelling once", () => {
  assert.ok(ATTACKS.length >= 150, `${ATTACKS.length} attacks`);
  assert.equal(new Set(ATTACKS.map(({ url }) => url)).size, ATTACKS.length);
});

for (const rule of new Set(ATTACKS.map((attack) => attack.rule))) {
  const attacks = ATTACKS.filter((attack) => attack.rule === rule);
  Deno.test(`${rule} stops ${attacks.length} URLs, listed host or not`, () => {
    const wrong = attacks.map(({ url, resolves = [] }) => ({ url, said: ours(url, resolves) }))
      .filter(({ said }) => said !== rule);
    assert.deepEqual(wrong, []);
  });
}

Deno.test("the guard lets no attack through, an expression over the text lets many", () => {
  assert.deepEqual(through(ours), []);
  const passed = through(naive).map(({ url }) => url);
  for (const url of ["https://2130706433/", "https://[::1]/", "https://169.254.169.254/"]) {
    assert.ok(passed.includes(url), url);
  }
  assert.equal(passed.length, 209);
});

const SENT = [
  ...["https://api.example.com", "https://api.example.com/", "https://API.Example.COM/a?b=c#d"],
  ...["https://api.example.com:443/", "https://api.example.com/a%20b", "https://api.example.com/ä"],
  ...["https://api.example.com/?u=https://127.0.0.1/", "https://api。example。com/"],
  ...["https://api.example.com/..//x", "https:\\\\api.example.com\\x"],
];
for (const url of SENT) {
  Deno.test(`sent: ${url}`, () => {
    const checked = checkUrl(url, POLICY, SITE);
    assert.deepEqual([checked.host, checked.port], ["api.example.com", 443]);
    assert.match(checked.target, /^\/[!-~]*$/);
  });
}

Deno.test("a public address is sent to when it is listed as it is", () => {
  const policy = { ...POLICY, hosts: ["93.184.216.34", "2606:4700::1111"] };
  assert.equal(checkUrl("https://93.184.216.34/", policy, SITE).isAddress, true);
  assert.equal(checkUrl("https://[2606:4700:0::1111]/", policy, SITE).host, "2606:4700::1111");
  assert.equal(parseUrl("https://[2606:4700::1111]:8443/").authority, "[2606:4700::1111]:8443");
});

const code = (url: string, changes: Partial<EgressPolicy>) => {
  try {
    checkUrl(url, { ...POLICY, ...changes }, SITE);
    return "allowed";
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
};

Deno.test("nothing is allowed by an empty list, or by a job's list alone", () => {
  const url = "https://api.example.com/";
  assert.equal(code(url, {}), "allowed");
  assert.equal(code(url, { hosts: [] }), "egress_host_not_allowed");
  assert.equal(code(url, { hosts: ["other.example.com"] }), "egress_host_not_allowed");
  assert.equal(code(url, { narrowedTo: [] }), "egress_host_not_allowed");
  assert.equal(code(url, { narrowedTo: ["other.example.com"] }), "egress_host_not_allowed");
  assert.equal(
    code(url, { hosts: [], narrowedTo: ["api.example.com"] }),
    "egress_host_not_allowed",
  );
  assert.equal(code(url, { narrowedTo: ["*.example.com"] }), "allowed");
});

Deno.test("scheme and port are the policy's", () => {
  assert.equal(code("http://api.example.com/", {}), "egress_scheme_not_allowed");
  assert.equal(code("http://api.example.com/", { schemes: ["http"] }), "egress_port_not_allowed");
  assert.equal(code("http://api.example.com/", { schemes: ["http"], ports: [80] }), "allowed");
  assert.equal(code("https://api.example.com:8443/", {}), "egress_port_not_allowed");
  assert.equal(code("https://api.example.com:8443/", { ports: [8_443] }), "allowed");
});

Deno.test("local egress opens the listed address and port, and nothing else", () => {
  const site = { supabaseUrl: "http://127.0.0.1:54321", localEgress: ["127.0.0.1:4000"] };
  const policy: EgressPolicy = {
    ...POLICY,
    ...{ hosts: ["127.0.0.1", "10.0.0.1"], schemes: ["http"], ports: [4_000, 4_001, 54_321] },
  };
  assert.equal(checkUrl("http://127.0.0.1:4000/", policy, site).port, 4_000);
  assert.throws(() => checkUrl("http://127.0.0.1:4001/", policy, site), {
    code: "egress_own_project",
  });
  assert.throws(() => checkUrl("http://127.0.0.1:54321/", policy, site), {
    code: "egress_own_project",
  });
  assert.throws(() => checkUrl("http://10.0.0.1:4000/", policy, site), {
    code: "egress_address_not_public",
  });
  assert.throws(() => checkUrl("http://127.0.0.1:4000/", { ...policy, hosts: [] }, site), {
    code: "egress_host_not_allowed",
  });
  assert.throws(() => checkAddress("127.0.0.2", 4_000, site), {
    code: "egress_address_not_public",
  });
});

Deno.test("a URL has at most 2,048 characters", () => {
  const of = (length: number) => "https://api.example.com/".padEnd(length, "a");
  assert.equal(parseUrl(of(2_048)).target.length, 2_025);
  assert.throws(() => parseUrl(of(2_049)), { code: "egress_url_invalid" });
});
