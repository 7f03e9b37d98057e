import type { Mutant } from "../mutant.ts";

const core = "shared/core/egress";
const adapters = "shared/adapters/egress";

/** Faults between the hops of a call out: what leads on, what is closed, what is left. */
export const hops: Mutant[] = [
  {
    name: "a choice of several targets is a redirect",
    file: `${core}/redirect.ts`,
    find: "new Set([301, 302, 303, 307, 308])",
    replace: "new Set([300, 301, 302, 303, 307, 308])",
    tests: [`${core}/redirect_test.ts`],
  },
  {
    name: "a permanent redirect is an answer",
    file: `${core}/redirect.ts`,
    find: "new Set([301, 302, 303, 307, 308])",
    replace: "new Set([301, 302, 303, 307])",
    tests: [`${core}/redirect_test.ts`],
  },
  {
    name: "a GET after a redirect has the coding of its former body",
    file: `${core}/redirect.ts`,
    find: 'turnsToGet && name.startsWith("content-")',
    replace: 'turnsToGet && name === "content-type"',
    tests: [`${core}/redirect_test.ts`],
  },
  {
    name: "the first of two targets is followed",
    file: `${adapters}/egress.ts`,
    find: 'const location = singleHeader(lines, "location");',
    replace: 'const location = lines.find(([name]) => name === "location")?.[1];',
    tests: [`${adapters}/egress_redirect_test.ts`],
  },
  {
    name: "a HEAD has a body",
    file: `${adapters}/egress.ts`,
    find: 'body && (method === "GET" || method === "HEAD")',
    replace: 'body && method === "GET"',
    tests: [`${adapters}/egress_test.ts`],
  },
  {
    name: "a URL has 2,049 characters",
    file: `${core}/url.ts`,
    find: "const MAX_URL_LENGTH = 2_048;",
    replace: "const MAX_URL_LENGTH = 2_049;",
    tests: [`${core}/url_test.ts`],
  },
  {
    name: "a secret of eight characters is shown",
    file: `${core}/redact.ts`,
    find: "const MIN_LENGTH = 8;",
    replace: "const MIN_LENGTH = 9;",
    tests: [`${core}/redact_test.ts`],
  },
  {
    name: "a connection stays open after its answer",
    file: `${adapters}/send_request.ts`,
    find: '    deadline.removeEventListener("abort", close);\n    connection.close();',
    replace: '    deadline.removeEventListener("abort", close);',
    tests: [`${adapters}/egress_test.ts`],
  },
  {
    name: "a connection to another address stays open",
    file: `${adapters}/send_request.ts`,
    find: "  connection.close();\n  throw new EgressRefused",
    replace: "  throw new EgressRefused",
    tests: [`${adapters}/egress_test.ts`],
  },
  {
    name: "work that is over keeps listening to its signal",
    file: `${adapters}/deadline.ts`,
    find: '    outer.removeEventListener("abort", abort);',
    replace: "",
    tests: [`${adapters}/deadline_test.ts`],
  },
  {
    name: "a deadline ends after its work",
    file: `${adapters}/deadline.ts`,
    find: "    clearTimeout(timer);\n    outer.",
    replace: "    outer.",
    tests: [`${adapters}/deadline_test.ts`],
  },
];
