import { type Mutant, schema } from "../mutant.ts";

const functions = "supabase/functions/webhook-verify";
const take = `${functions}/take_webhook.ts`;
const large = `${functions}/large_bodies.ts`;
const largeTest = [`${functions}/large_bodies_test.ts`];
const body = "shared/adapters/http/body.ts";
const bodyTest = ["shared/adapters/http/body_test.ts"];
const receive = schema("70_connectors/receive_webhook");
const read = schema("70_connectors/read_webhook_body");
const returnsTest = ["read_webhook_body/returns_the_body_of_a_held_job.test.sql"];
const holderTest = ["read_webhook_body/refuses_all_but_the_run_that_holds_the_job.test.sql"];
const storesTest = ["receive_webhook/stores_a_body_beside_its_job.test.sql"];
const sizeTest = ["receive_webhook/refuses_a_body_that_is_none_or_too_large.test.sql"];

/** Faults in large webhooks: in taking, storing and deleting their bodies. */
export const webhookBodies: Mutant[] = [
  {
    name: "keep_body may be a text",
    file: schema("70_connectors/00_connector_schema"),
    find: `'keep_body', '{"type": "boolean"}'::jsonb,`,
    replace: `'keep_body', '{"type": "string", "like": "."}'::jsonb,`,
    tests: ["configure_connector/refuses_invalid_settings_of_endpoints.test.sql"],
  },
  {
    name: "a stored body is one byte too long",
    file: receive,
    find: "coalesce(octet_length(v_body) > v_max_bytes, true)",
    replace: "coalesce(octet_length(v_body) > v_max_bytes + 1, true)",
    tests: sizeTest,
  },
  {
    name: "a text is decoded however long it is",
    file: receive,
    find: "octet_length(p_body) / 4 <= v_max_bytes / 3 + 1",
    replace: "octet_length(p_body) > 0",
    tests: sizeTest,
  },
  {
    name: "a body that is no base64 is an error of the database",
    file: receive,
    find: "exception when data_exception then",
    replace: "exception when syntax_error then",
    tests: sizeTest,
  },
  {
    name: "a table takes a body of any size",
    file: receive,
    find: "check (octet_length(body) <= 5242880)",
    replace: "check (octet_length(body) >= 0)",
    tests: ["tables/a_stored_body_has_at_most_five_mebibytes.test.sql"],
  },
  {
    name: "a stored body is compressed",
    file: receive,
    find: "alter column body set storage external",
    replace: "alter column body set storage extended",
    tests: storesTest,
  },
  {
    name: "a payload does not have the length of its stored body",
    file: receive,
    find: "case when v_body is null then p_payload else",
    replace: "case when true then p_payload else",
    tests: storesTest,
  },
  {
    name: "a body is not stored",
    file: receive,
    find: "if v_body is not null then\n    insert",
    replace: "if v_body is null and v_body is not null then\n    insert",
    tests: storesTest,
  },
  {
    name: "any run reads a body",
    file: read,
    find: "leases.run_id = p_run_id and leases.token = p_lease_token",
    replace: "leases.token = p_lease_token",
    tests: holderTest,
  },
  {
    name: "a body is read without the lease token of its job",
    file: read,
    find: " and leases.token = p_lease_token",
    replace: "",
    tests: holderTest,
  },
  {
    name: "a run reads the bodies of jobs that it does not hold",
    file: read,
    find: "p_job_id = any (leases.ids) and ",
    replace: "",
    tests: holderTest,
  },
  {
    name: "a lost run reads a body",
    file: read,
    find: " and r.state = 'live'",
    replace: "",
    tests: holderTest,
  },
  {
    name: "reading a body asks for no service",
    file: read,
    find: "  perform jobforge.require_service();\n",
    replace: "",
    tests: ["rights/services_are_asked_for_twice.test.sql"],
  },
  {
    name: "the parts of a body overlap",
    file: read,
    find: "p_from + 1, 1572864",
    replace: "p_from, 1572864",
    tests: returnsTest,
  },
  {
    name: "a body is read as base64 in lines",
    file: read,
    find: "replace(encode(substr(webhook_bodies.body, p_from + 1, 1572864), 'base64'), E'\\n', '')",
    replace: "encode(substr(webhook_bodies.body, p_from + 1, 1572864), 'base64')",
    tests: returnsTest,
  },
  {
    name: "a body outlives its job",
    file: schema("20_jobs/cleanup"),
    find: "webhook_bodies.job_id = any (p_ids)",
    replace: "webhook_bodies.job_id = any (p_ids) and webhook_bodies.body is null",
    tests: ["cleanup/deletes_stored_bodies_by_their_weight.test.sql"],
  },
  {
    name: "a stored body weighs nothing",
    file: schema("20_jobs/cleanup"),
    find: "octet_length(webhook_bodies.body) / 65536",
    replace: "octet_length(webhook_bodies.body) / 655360000",
    tests: [
      "cleanup/deletes_stored_bodies_by_their_weight.test.sql",
      "delete_expired_jobs/bodies_use_up_the_budget.test.sql",
    ],
  },
  {
    name: "a batch that weighs too much loses its rest",
    file: schema("20_jobs/cleanup"),
    find: "case when sum(examined.weight) >= p_limit",
    replace: "case when count(*) >= p_limit",
    tests: ["cleanup/deletes_stored_bodies_by_their_weight.test.sql"],
  },
  {
    name: "an erasure deletes any number of bodies at a time",
    file: schema("87_tenants/erasure_steps"),
    find: "then v_left / 80 + 1 else v_left end",
    replace: "then v_left else v_left end",
    tests: ["erase_tenant/erases_stored_bodies_a_few_at_a_time.test.sql"],
  },
  {
    name: "an erasure waits although bodies are left",
    file: schema("87_tenants/erase_tenant"),
    find: "if v_count >= p_limit or exists (",
    replace: "if v_count >= p_limit or false and exists (",
    tests: ["erase_tenant/erases_stored_bodies_a_few_at_a_time.test.sql"],
  },
  {
    name: "any number of large bodies arrive at a time",
    file: large,
    find: "if (this.#taken >= this.#places) {",
    replace: "if (this.#taken >= this.#places * 100) {",
    tests: largeTest,
  },
  {
    name: "a large body keeps its place",
    file: large,
    find: "if (entered) this.#taken--;",
    replace: "",
    tests: largeTest,
  },
  {
    name: "large bodies are verified at the same time",
    file: large,
    find: "entered ? this.#inTurn(work) : work()",
    replace: "work()",
    tests: largeTest,
  },
  {
    name: "a large body may take any time",
    file: body,
    find: "deadline = large.deadline();",
    replace: "deadline = new AbortController().signal;",
    tests: largeTest,
  },
  {
    name: "the beginning of a slow body counts as all of it",
    file: body,
    find: "if (deadline?.aborted) throw tooSlow();",
    replace: "",
    tests: largeTest,
  },
  {
    name: "a body is large one byte too late",
    file: body,
    find: "Math.max(bytes, declared) > large.aboveBytes",
    replace: "Math.max(bytes, declared) > large.aboveBytes + 1",
    tests: bodyTest,
  },
  {
    name: "a declared length is not taken for a large body",
    file: body,
    find: "Math.max(bytes, declared) > large.aboveBytes",
    replace: "bytes > large.aboveBytes",
    tests: largeTest,
  },
  {
    name: "a body that is too large is not read to its end",
    file: body,
    find: "!fits && bytes > (large?.readBytes ?? 0)",
    replace: "!fits",
    tests: bodyTest,
  },
  {
    name: "a body that is too large is read forever",
    file: body,
    find: "!fits && bytes > (large?.readBytes ?? 0)",
    replace: "!fits && bytes > (large?.readBytes ?? 0) * 2",
    tests: bodyTest,
  },
  {
    name: "a large body stays in the payload",
    file: take,
    find: "const isStored = isLarge || ",
    replace: "const isStored = ",
    tests: largeTest,
  },
  {
    name: "keep_body keeps no body",
    file: take,
    find: 'isLarge || endpoint.keepBody && method === "POST"',
    replace: "isLarge",
    tests: largeTest,
  },
  {
    name: "a GET has a stored body",
    file: take,
    find: 'endpoint.keepBody && method === "POST"',
    replace: "endpoint.keepBody",
    tests: largeTest,
  },
  {
    name: "a large body is parsed whole",
    file: take,
    find: "isLarge ? jsonMembers : jsonOrNothing",
    replace: "isLarge ? jsonOrNothing : jsonOrNothing",
    tests: largeTest,
  },
  {
    name: "an event that no payload can hold is refused",
    file: take,
    find: 'if (!hasCode(thrown, "payload_too_large")) throw thrown;',
    replace: "throw thrown;",
    tests: largeTest,
  },
  {
    name: "any error of the database stores the body",
    file: take,
    find: 'if (!hasCode(thrown, "payload_too_large")) throw thrown;',
    replace: "",
    tests: largeTest,
  },
];
