import { type Mutant, schema } from "../mutant.ts";

const file = (name: string) => schema(`75_destinations/${name}`);
const test = (name: string) => `${name}.test.sql`;

/** Faults by which a message that was held, or that arrived, is lost sight of. */
export const heldMessages: Mutant[] = [
  {
    name: "a message is lost when its destination resumes before its job ends",
    file: file("01_deliveries"),
    find: "or not p_delivery.held and exists (",
    replace: "or exists (",
    tests: [test("check_destinations/sends_what_a_job_holds_that_has_not_ended")],
  },
  {
    name: "held messages wait until all of them fit into the queue",
    file: file("check_destinations"),
    find: "  if coalesce(v_free, 0) = 0 then",
    replace: "  if true then",
    tests: [test("check_destinations/sends_as_many_as_the_queue_takes")],
  },
  {
    name: "a late failure takes back what arrived",
    file: file("report_delivery"),
    find:
      "coalesce(\n        delivered_at, case when p_status between 200 and 299 then v_now end),",
    replace: "case when p_status between 200 and 299 then v_now end,",
    tests: [test("report_delivery/records_the_attempt")],
  },
];
