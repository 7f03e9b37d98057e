import { type Mutant, schema } from "../mutant.ts";

const leases = "shared/worker/leases.ts";
const take = schema("40_runs/02_claim");
const stops = ["claim_jobs/stops_before_the_bytes_pass_the_budget.test.sql"];

/** Faults in the byte budget of a claim and in leases that are reported as a whole. */
export const claims: Mutant[] = [
  {
    name: "a claim has any byte budget",
    file: schema("40_runs/settle_and_claim"),
    find: "p_max_bytes not between 0 and 67108864",
    replace: "false",
    tests: ["claim_jobs/refuses_a_byte_budget_out_of_range.test.sql"],
  },
  {
    name: "a claim passes its byte budget",
    file: take,
    find: "(select measured.bytes from measured) <= p_bytes or",
    replace: "true or",
    tests: stops,
  },
  {
    name: "a job larger than the byte budget is never claimed",
    file: take,
    find: " or p_first and summed.total = summed.bytes",
    replace: "",
    tests: stops,
  },
  {
    name: "a claim that its byte budget stopped goes on with later queues",
    file: take,
    find: "exit when v_claimed.count = p_limit or v_claimed.is_full;",
    replace: "exit when v_claimed.count = p_limit;",
    tests: stops,
  },
  {
    name: "each pass of a claim has the byte budget anew",
    file: take,
    find: "v_bytes := v_bytes - coalesce(v_taken.bytes, 0);",
    replace: "",
    tests: stops,
  },
  {
    name: "a job that waits again counts the bytes of its compressed payload",
    file: schema("40_runs/settle"),
    find: "octet_length(j.payload::text) end as bytes",
    replace: "pg_column_size(j.payload) end as bytes",
    tests: ["claim_jobs/knows_the_bytes_of_every_waiting_job.test.sql"],
  },
  {
    name: "a job counts the bytes of its payload as it is stored",
    file: schema("20_jobs/enqueue_job"),
    find: "select v_queue.id, octet_length(p_payload::text),",
    replace: "select v_queue.id, pg_column_size(p_payload),",
    tests: ["claim_jobs/counts_a_number_as_it_prints.test.sql"],
  },
  {
    name: "a job of a batch counts the bytes of its payload as it is stored",
    file: schema("20_jobs/enqueue_jobs"),
    find: "octet_length(j.payload::text) as bytes",
    replace: "pg_column_size(j.payload #> '{}') as bytes",
    tests: ["claim_jobs/knows_the_bytes_of_every_waiting_job.test.sql"],
  },
  {
    name: "a small payload is not measured as it prints",
    file: schema("20_jobs/enqueue_job"),
    find: "and octet_length(p_payload::text) <= 262144\n",
    replace: "and (pg_column_size(p_payload) < 64 or octet_length(p_payload::text) <= 262144)\n",
    tests: ["enqueue_job/refuses_a_payload_that_is_large_only_as_text.test.sql"],
  },
  {
    name: "a lease is whole although a job of it is missing",
    file: leases,
    find:
      "open.size === reported.length &&\n      new Set(reported.map(({ id }) => id)).size === open.size &&",
    replace: "",
    tests: ["shared/worker/leases_test.ts"],
  },
  {
    name: "a lease is whole although one of its jobs did not just succeed",
    file: leases,
    find: "open.has(outcome.id) && isPlain(outcome)",
    replace: "open.has(outcome.id)",
    tests: ["shared/worker/leases_test.ts"],
  },
  {
    name: "an outcome that did not count leaves its lease",
    file: leases,
    find: " || unconfirmed.has(id)",
    replace: "",
    tests: ["shared/worker/leases_test.ts"],
  },
  {
    name: "a claim is sent without its byte budget",
    file: "shared/adapters/data_api/report_body.ts",
    find: "p_max_bytes: JSON.stringify(report.maxBytes),",
    replace: "",
    tests: ["shared/adapters/data_api/run_queue_test.ts"],
  },
  {
    name: "a claim that its bytes stopped looks like an empty queue",
    file: "shared/worker/pacing.ts",
    find: " && (reply.bytes ?? 0) < maxBytes - MAX_JOB_BYTES",
    replace: "",
    tests: ["shared/worker/pacing_test.ts"],
  },
  {
    name: "every run may have a quarantined job",
    file: schema("40_runs/claim_quarantined"),
    find: "    or (select count(*) from jobforge.leases where leases.alone)",
    replace: "    and (select count(*) from jobforge.leases where leases.alone)",
    tests: ["claim_jobs/runs_a_quarter_of_max_runs_with_quarantined_jobs.test.sql"],
  },
  {
    name: "a job alone is read where another one lies",
    file: schema("40_runs/claim_one"),
    find: "where j.ctid = v_gone.place and j.id = v_gone.id",
    replace: "where j.ctid = v_gone.place",
    tests: ["claim_jobs/finds_a_body_whose_place_another_took.test.sql"],
  },
  {
    name: "a job alone ends where another one lies",
    file: schema("40_runs/settle_one"),
    find: "where j.ctid = lease.place and j.id = lease.id and",
    replace: "where j.ctid = lease.place and",
    tests: ["claim_jobs/finds_a_body_whose_place_another_took.test.sql"],
  },
  {
    name: "jobs end where others lie",
    file: schema("40_runs/settle_succeeded"),
    find: "where j.ctid = held.place and j.id = held.id and",
    replace: "where j.ctid = held.place and",
    tests: ["claim_jobs/finds_a_body_whose_place_another_took.test.sql"],
  },
];
