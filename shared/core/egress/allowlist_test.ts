import assert from "node:assert/strict";
import { isHostAllowed, isHostPattern, PUBLIC_SUFFIXES } from "./allowlist.ts";
import { isOwnProject, RESERVED } from "./host.ts";
import { isHttpPort, NOT_HTTP } from "./ports.ts";

Deno.test("a name allows itself and nothing near it", () => {
  const near = [
    ...["example.com", "api.example.com.", "xapi.example.com", "a.api.example.com"],
    ...["api.example.com.evil.net", "api-example.com", "apiXexample.com", "api.example.co"],
  ];
  assert.equal(isHostAllowed("api.example.com", ["api.example.com"]), true);
  assert.deepEqual(near.filter((host) => isHostAllowed(host, ["api.example.com"])), []);
});

Deno.test("a star is exactly one label", () => {
  const list = ["*.example.com"];
  assert.equal(isHostAllowed("api.example.com", list), true);
  const refused = [
    ...["example.com", "a.b.example.com", "evilexample.com", "example.com.evil.net"],
    ...["api.example.org", "127.0.0.1", "::1"],
  ];
  assert.deepEqual(refused.filter((host) => isHostAllowed(host, list)), []);
});

Deno.test("an address is allowed as itself only", () => {
  assert.equal(isHostAllowed("93.184.216.34", ["93.184.216.34"]), true);
  assert.equal(isHostAllowed("93.184.216.34", ["*.184.216.34", "93.184.216.0/24", "*"]), false);
  assert.equal(isHostAllowed("2606:4700::1111", ["2606:4700::1111"]), true);
});

const NO_PATTERN = [
  ...["", "*", "*.", "*.com", "*.*.example.com", "a*.example.com", "api.*.com", "**.example.com"],
  ...[
    "*example.com",
    "localhost",
    "API.example.com",
    "api.example.com.",
    "https://api.example.com",
  ],
  ...["api.example.com/path", "api.example.com:443", "10.0.0.0/8", "*.0.0.1", "*.127.0.0.1"],
  ...["[::1]", "2606:4700:0::1111", "ä.example.com", "a b.example.com", "*.co.uk", "*.github.io"],
  ...["*.supabase.co", "*.amazonaws.com", "-a.example.com", "1.2.3", ".example.com"],
  ...["db.internal", "*.svc.local", "metadata.google.internal", "api.home.arpa", "*.home.arpa"],
  ...["metadata.goog", "*.metadata.goog", "api.example.0x7f", "*.example.7"],
  ...[`*.${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.examples`],
];
Deno.test("an invalid pattern allows nothing, itself included", () => {
  assert.deepEqual(NO_PATTERN.filter(isHostPattern), []);
  assert.deepEqual(NO_PATTERN.filter((pattern) => isHostAllowed(pattern, [pattern])), []);
  assert.equal(isHostAllowed("bank.co.uk", ["*.co.uk"]), false);
});

Deno.test("an empty list allows nothing", () => {
  assert.equal(isHostAllowed("api.example.com", []), false);
});

Deno.test("a project is its own host, those of its functions and storage, and what is below it", () => {
  const url = "https://abcdefghijklmnopqrst.supabase.co";
  const own = ["", "db.", "x.y."].map((prefix) => `${prefix}abcdefghijklmnopqrst.supabase.co`);
  own.push("abcdefghijklmnopqrst.functions.supabase.co");
  own.push("abcdefghijklmnopqrst.storage.supabase.co");
  for (const host of own) assert.equal(isOwnProject(host, url), true, host);
  assert.equal(isOwnProject("tsrqponmlkjihgfedcba.supabase.co", url), false);
  assert.equal(isOwnProject("xabcdefghijklmnopqrst.supabase.co", url), false);
});

Deno.test("ports of other protocols are no HTTP ports", () => {
  assert.deepEqual([0, -1, 22, 25, 1.5, 5_432, 6_379, 65_536, NaN].filter(isHttpPort), []);
  assert.deepEqual([80, 443, 3_000, 8_080, 8_443].filter(isHttpPort).length, 5);
});

Deno.test("a list of the database and its counterpart here are the same", async () => {
  const file = "../../../supabase/schemas/70_connectors/00_callable_hosts.sql";
  const sql = await Deno.readTextFile(new URL(file, import.meta.url));
  const listOf = (name: string) => {
    const body = sql.slice(sql.indexOf(`create function jobforge.${name}()`));
    return /'\{([^}]*)\}'/.exec(body)![1]!.split(",").map((entry) => entry.trim());
  };
  assert.deepEqual(listOf("public_suffixes"), [...PUBLIC_SUFFIXES]);
  assert.deepEqual(listOf("reserved_suffixes"), RESERVED);
  assert.deepEqual(listOf("foreign_ports").map(Number), [...NOT_HTTP]);
});
