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
    name: "a message is sent twice when its run is lost after it arrived",
    file: file("open_delivery"),
    find: "and (delivered_at is not null or resent)",
    replace: "and resent",
    tests: [test("open_delivery/ends_what_arrived_before_its_run_was_lost")],
  },
  {
    name: "a message is sent twice by the job that another one replaces",
    file: file("open_delivery"),
    find: "and (delivered_at is not null or resent)",
    replace: "and delivered_at is not null",
    tests: [test("open_delivery/sends_a_held_message_by_one_job")],
  },
  {
    name: "a message is sent twice when its job sends it after all",
    file: file("open_delivery"),
    find: "set held = false\n",
    replace: "set held = true\n",
    tests: [test("open_delivery/sends_a_held_message_by_one_job")],
  },
  {
    name: "a message is sent twice by a handler that does not look",
    file: "shared/jobs/connector_webhook_deliver/handler.ts",
    find: "if (opened.ended) return",
    replace: "if (opened.ended && !opened.enabled) return",
    tests: ["shared/jobs/connector_webhook_deliver/ended_test.ts"],
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
  {
    name: "a destination that fails is not shown",
    file: file("check_destinations"),
    find: "      if not v_waits then",
    replace: "      if false then",
    tests: [test("check_destinations/fails_for_as_long_as_a_destination_does")],
  },
  {
    name: "a destination that fails is not shown in the turns between",
    file: file("check_destinations"),
    find: "case when v_waits then interval '1 minute' else '0' end",
    replace: "interval '1 minute'",
    tests: [test("check_destinations/fails_for_as_long_as_a_destination_does")],
  },
  {
    name: "a destination that fails is not shown apart from a full queue",
    file: file("check_destinations"),
    find: "v_waits := v_detail = 'queue_full' or sqlstate",
    replace: "v_waits := sqlstate",
    tests: [test("check_destinations/goes_on_when_a_queue_is_full")],
  },
];
