import type { Mutant } from "../mutant.ts";
import { schema } from "../mutant.ts";

const exact = "shared/core/encoding/exact_json.ts";
const number = "shared/core/encoding/exact_number.ts";
const json = "shared/core/encoding/json.ts";
const issue = "shared/core/encoding/json_issue.ts";
const numbersOfJobs = "shared/core/job/numbers.ts";
const wait = "shared/client/wait.ts";
const encoding = ["shared/core/encoding/exact_json_test.ts"];
const storable = ["shared/core/encoding/json_test.ts"];
const issues = ["shared/core/encoding/json_issue_test.ts"];
const doors = ["supabase/functions/tests/exact_values_test.ts"];
const client = ["shared/client_test.ts"];
const payloads = ["shared/client/payloads_test.ts"];
const waits = ["shared/client/wait_test.ts"];

/** Faults in the numbers of JSON and in the client. */
export const numbers: Mutant[] = [
  {
    name: "a bigint has the digits of the double",
    file: numbersOfJobs,
    find: "integerOf(at[name] as number)",
    replace: "BigInt(at[name] as number)",
    tests: ["shared/core/job/numbers_test.ts"],
  },
  {
    name: "numbers are rounded as JSON.parse does",
    file: exact,
    find: "return MAY_BE_INEXACT.test(text) ? new Reader(text).read() : value;",
    replace: "return value;",
    tests: encoding,
  },
  {
    name: "an integer of 16 digits is never looked at",
    file: exact,
    find: "(?:[0-9.]{15}|",
    replace: "(?:[0-9.]{16}|",
    tests: encoding,
  },
  {
    name: "an exponent of three digits is never looked at",
    file: exact,
    find: "[eE][-+]?[0-9]{3})/;",
    replace: "[eE][-+]?[0-9]{4})/;",
    tests: encoding,
  },
  {
    name: "a BigInt is left to supabase-js, which sends a text",
    file: exact,
    find: "return isRaw ? new Reader(json, { number: rawOf }).read() : value;",
    replace: "return isRaw && json ? value : value;",
    tests: [...encoding, ...payloads],
  },
  {
    name: "a number of 16 digits is always exact",
    file: number,
    find: "{1,15}$/;",
    replace: "{1,16}$/;",
    tests: encoding,
  },
  {
    name: "a number that is about right is taken",
    file: number,
    find: "left.digits === right.digits",
    replace: "left.digits.slice(0, 15) === right.digits.slice(0, 15)",
    tests: encoding,
  },
  {
    name: "an exact number can be calculated with",
    file: number,
    find: 'if (hint === "string") return this.text;',
    replace: "if (hint) return this.text;",
    tests: encoding,
  },
  {
    name: "NaN in a result becomes null",
    file: json,
    find: 'if (!Number.isFinite(Number(value))) this.#refuse("not_finite");',
    replace: "",
    tests: storable,
  },
  {
    name: "a name with NUL is stored",
    file: json,
    find: 'if (around > 1 && !isStorableText(name)) this.#refuse("not_text");',
    replace: "",
    tests: storable,
  },
  {
    name: "long exact numbers are written out before they are measured",
    file: json,
    find: "if (raw !== undefined) return around + raw.length;",
    replace: "",
    tests: storable,
  },
  {
    name: "a cycle has no name",
    file: json,
    find: 'if (this.#holders.includes(written)) this.#refuse("cycle");',
    replace: "",
    tests: storable,
  },
  {
    name: "a name twice counts once",
    file: "shared/adapters/http/body.ts",
    find: "if (membersIn(value) === members) return value;",
    replace: "if (membersIn(value) <= members) return value;",
    tests: ["shared/adapters/http/body_test.ts"],
  },
  {
    name: "__proto__ is lost in the copy of a schema",
    file: issue,
    find: 'if (name === "__proto__") return "reserved_name";',
    replace: "",
    tests: issues,
  },
  {
    name: "a number beyond numeric is sent to Postgres",
    file: issue,
    find: "first > FIRST_DIGIT || last < LAST_DIGIT",
    replace: "first > FIRST_DIGIT * 2 || last < LAST_DIGIT * 2",
    tests: issues,
  },
  {
    name: "z.bigint() takes large integers only",
    file: numbersOfJobs,
    find: "for (const path of places) {",
    replace: "for (const path of places.slice(1)) {",
    tests: ["shared/core/job/numbers_test.ts"],
  },
  {
    name: "a large number that does not fit has no hint",
    file: "shared/core/job/payload.ts",
    find: 'if ("expected" in issue && isBeyondNumber(memberAt(value, keys))) {',
    replace: 'if ("expected" in issue && false) {',
    tests: ["shared/core/job/payload_test.ts"],
  },
  {
    name: "replies of the Data API are rounded",
    file: "shared/adapters/data_api/open_data_api.ts",
    find: 'text === "" ? null : parseJson(text);',
    replace: 'text === "" ? null : JSON.parse(text);',
    tests: ["shared/adapters/data_api/data_api_test.ts"],
  },
  {
    name: "a webhook with a name twice keeps the last one",
    file: "supabase/functions/webhook-verify/take_webhook.ts",
    find: "return parseJson(body);",
    replace: "return JSON.parse(new TextDecoder().decode(body));",
    tests: doors,
  },
  {
    name: "the page of the dashboard rounds numbers",
    file: "dashboard/app/api.ts",
    find: 'parseJson(text || "null")',
    replace: 'JSON.parse(text || "null")',
    tests: doors,
  },
  {
    name: "the command line rounds a payload",
    file: "cli/arguments.ts",
    find: "return parseJson(new TextEncoder().encode(text));",
    replace: "return JSON.parse(text);",
    tests: doors,
  },
  {
    name: "rows of a call are not counted",
    file: "shared/client/calls.ts",
    find: "const all = expected ?? count ?? rows.length;",
    replace: "const all = expected ?? rows.length;",
    tests: client,
  },
  {
    name: "a Map is sent as an empty object",
    file: json,
    find: 'if (written instanceof Map || written instanceof Set) this.#refuse("not_plain");',
    replace: "",
    tests: storable,
  },
  {
    name: "a time without an offset is sent",
    file: "shared/client/options.ts",
    find: 'if (typeof value === "string" && TIME.test(value)) return value;',
    replace: 'if (typeof value === "string") return value;',
    tests: client,
  },
  {
    name: "a request of a job rounds its body",
    file: "shared/jobs/connector_http_request/handler.ts",
    find: "body : writeJson(body);",
    replace: "body : JSON.stringify(JSON.parse(writeJson(body)));",
    tests: ["shared/jobs/connector_http_request/handler_test.ts"],
  },
  {
    name: "a delivery rounds its data",
    file: "shared/jobs/connector_webhook_deliver/handler.ts",
    find: "return writeJson({ type, timestamp: ctx.createdAt, data });",
    replace:
      "return JSON.stringify(JSON.parse(writeJson({ type, timestamp: ctx.createdAt, data })));",
    tests: ["shared/jobs/connector_webhook_deliver/handler_test.ts"],
  },
  {
    name: "waiting gives up at the first failure",
    file: wait,
    find: "if (thrown.retryable || (",
    replace: "if ((",
    tests: waits,
  },
  {
    name: "waiting gives up when a read does not find the job yet",
    file: wait,
    find: '(thrown.code === "not_found" && isLate)',
    replace: '(thrown.code === "not_found" && !isLate && isLate)',
    tests: waits,
  },
  {
    name: "waiting for an ID that is not there lasts to the timeout",
    file: wait,
    find: "const isLate = isKnown && ",
    replace: "const isLate = ",
    tests: waits,
  },
  {
    name: "an answer that is not of the Data API ends the wait",
    file: "shared/core/http/rpc_error.ts",
    find: "if (httpStatus < 400 || ",
    replace: "if (httpStatus === 0 || ",
    tests: ["shared/core/http/rpc_error_test.ts"],
  },
  {
    name: "a batch reply that was cut is returned",
    file: "shared/client/calls.ts",
    find: "if (rows.length < all) throw replyCut(rows.length, all);",
    replace: "",
    tests: client,
  },
  {
    name: "the function enqueue answers with a part of a batch",
    file: "shared/adapters/data_api/job_api.ts",
    find: "if (rows.length < jobs.length) throw replyCut(rows.length, jobs.length);",
    replace: "",
    tests: ["shared/adapters/data_api/job_api_test.ts"],
  },
  {
    name: "a list of schedules ends at a short page",
    file: "shared/client/schedules.ts",
    find: "if (rows.length === 0) return;",
    replace: "if (rows.length === 0 || after !== undefined) return;",
    tests: client,
  },
  {
    name: "a misspelled option is ignored",
    file: "shared/client/options.ts",
    find: "if (unknown === undefined) return;",
    replace: "return;",
    tests: client,
  },
  {
    name: "get_job returns jobs of any tenant",
    file: schema("20_jobs/get_job"),
    find: "jobforge.find_job(p_job_id, p_tenant_id);",
    replace: "(select j from public.jobforge_jobs as j where j.id = p_job_id);",
    tests: ["get_job/shows_members_their_own_tenants_only.test.sql"],
  },
  {
    name: "get_job returns every payload",
    file: schema("20_jobs/get_job"),
    find: "when p_payload then",
    replace: "when p_payload is not null then",
    tests: ["get_job/returns_a_job_with_its_result.test.sql"],
  },
];
