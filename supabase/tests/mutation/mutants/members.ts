import { type Mutant, schema } from "../mutant.ts";

const bounded = ["catalog/members_are_bounded_before_they_are_text.test.sql"];

/** Faults in the bounds of settings, filters and batches, whose members become text. */
export const members: Mutant[] = [
  {
    name: "the members of a filter become text unbounded",
    file: schema("20_jobs/04_job_filter"),
    find: "jobforge.jsonb_fits(p_filter, 65536) is false",
    replace: "false",
    tests: bounded,
  },
  {
    name: "the members of a batch become text unbounded",
    file: schema("20_jobs/enqueue_jobs"),
    find: "from jsonb_array_elements(p_jobs) as element), 2097152)",
    replace: "from jsonb_array_elements(p_jobs) as element), 1073741823)",
    tests: bounded,
  },
  {
    name: "the settings of a schedule become text unbounded",
    file: schema("60_schedules/configure_schedule"),
    find: "not jobforge.jsonb_fits(p_settings - 'payload', 8192)",
    replace: "false",
    tests: bounded,
  },
  {
    name: "the settings of a queue become text unbounded",
    file: schema("30_queues/configure_queue"),
    find: "not jobforge.jsonb_fits(p_settings, 4096)",
    replace: "false",
    tests: bounded,
  },
  {
    name: "declared types become text unbounded",
    file: schema("18_storage/00_job_types"),
    find: "not jobforge.jsonb_fits(p_types, 1048576)",
    replace: "false",
    tests: bounded,
  },
  {
    name: "a calendar becomes text unbounded",
    file: schema("60_schedules/fill_calendar"),
    find: "not jobforge.jsonb_fits(p_filled, 1048576)",
    replace: "false",
    tests: bounded,
  },
];
