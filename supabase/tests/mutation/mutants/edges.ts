import type { Mutant } from "../mutant.ts";
import { schema } from "../mutant.ts";

const core = "shared/core/egress";
const publish = ["publish/sends_deliveries_in_a_queue_of_their_own.test.sql"];

/** Faults in what hosts send back, in where deliveries wait, and in what handlers throw in callbacks. */
export const edges: Mutant[] = [
  {
    name: "what is thrown in a callback of Node ends the isolate",
    file: "shared/adapters/runtime/uncaught.ts",
    find: "[globalThis, timers, process]",
    replace: "[globalThis]",
    tests: ["supabase/functions/tests/uncaught_test.ts"],
  },
  {
    name: "what a handler reports as an error ends the isolate",
    file: "shared/adapters/runtime/uncaught.ts",
    find: "(thrown: unknown) => report(thrown, current()));",
    replace: "reportError);",
    tests: ["supabase/functions/tests/uncaught_test.ts"],
  },
  {
    name: "a guarded timer cannot be promisified",
    file: "shared/adapters/runtime/uncaught.ts",
    find: "Object.defineProperties(guarding, members)",
    replace: "guarding",
    tests: ["supabase/functions/tests/uncaught_test.ts"],
  },
  {
    name: "a secret in \\u escapes is kept",
    file: `${core}/unescape.ts`,
    find: "const digits = kind === 0x75 ? 4 : kind === 0x78 ? 2 : 0;",
    replace: "const digits = kind === 0x78 ? 2 : 0;",
    tests: [`${core}/redact_test.ts`],
  },
  {
    name: "a secret in JSON within JSON is kept",
    file: `${core}/redact.ts`,
    find: "[unescapeJson], [unescapeJson, unescapeJson]],",
    replace: "[unescapeJson]],",
    tests: [`${core}/redact_test.ts`],
  },
  {
    name: "a secret in entities is kept",
    file: `${core}/redact.ts`,
    find: "[unescapeHtml], [unescapeJson, unescapeHtml]],",
    replace: "],",
    tests: [`${core}/redact_test.ts`],
  },
  {
    name: "an escape that the cut splits ends the search for a secret",
    file: `${core}/unescape.ts`,
    find: 'if (found === "cut") break;',
    replace: 'if (found === "cut") return { bytes, length };',
    tests: [`${core}/redact_test.ts`],
  },
  {
    name: "a job may call the storage of its own project",
    file: `${core}/host.ts`,
    find: '["functions", "storage"]',
    replace: '["functions"]',
    tests: [`${core}/allowlist_test.ts`],
  },
  {
    name: "a connector may name the storage of the project",
    file: schema("70_connectors/00_callable_hosts"),
    find: "E'\\\\1.storage.'",
    replace: "E'\\\\1.stored.'",
    tests: ["configure_connector/refuses_hosts_of_the_project_itself.test.sql"],
  },
  {
    name: "deliveries wait among the other jobs of the tenant",
    file: schema("75_destinations/01_deliveries"),
    find: "null, null, null, v_queue, null, null",
    replace: "null, null, null, null, null, null",
    tests: publish,
  },
  {
    name: "deliveries hold every slot",
    file: schema("75_destinations/01_deliveries"),
    find: "set max_running = 10",
    replace: "set max_running = null",
    tests: publish,
  },
  {
    name: "a user of one tenant is asked for a tenant",
    file: "dashboard/app/tenants.ts",
    find: "const isList = tenant_id === undefined && ",
    replace: "const isList = ",
    tests: ["dashboard/app/tenants_test.ts"],
  },
  {
    name: "a list of jobs ends at its first page",
    file: "shared/client/lists.ts",
    find: "} while (from !== null);",
    replace: "} while (false);",
    tests: ["shared/client_test.ts"],
  },
];
