import { type Mutant, schema } from "../mutant.ts";

const release = ["local/schema/release_test.ts"];
const upgrade = ["cli/install/upgrade_test.ts"];

/** Faults of versions: who is served, and what a release freezes. */
export const versions: Mutant[] = [
  {
    name: "a worker of two releases ago starts runs",
    file: schema("10_foundation/schema_version"),
    find: "jobforge.minor_version(p_version) < jobforge.minor_version(v_oldest)",
    replace: "false",
    tests: ["start_run/serves_this_release_and_the_one_before.test.sql"],
  },
  {
    name: "a worker of the next release starts runs",
    file: schema("10_foundation/schema_version"),
    find: "jobforge.minor_version(p_version) > jobforge.minor_version(v_schema)",
    replace: "false",
    tests: ["start_run/serves_this_release_and_the_one_before.test.sql"],
  },
  {
    name: "an earlier schema only says that it does not know a function",
    file: "shared/adapters/data_api/run_queue.ts",
    find: "if (!isUnknownFunction(thrown)) throw thrown;",
    replace: "throw thrown;",
    tests: ["shared/adapters/data_api/run_queue_test.ts"],
  },
  {
    name: "a schema cache that is not up to date counts as an earlier schema",
    file: "shared/adapters/data_api/run_queue.ts",
    find: 'versionProblem("worker", VERSION, schema);',
    replace: '(versionProblem("worker", VERSION, schema) ?? "earlier");',
    tests: ["shared/adapters/data_api/run_queue_test.ts"],
  },
  {
    name: "a minor version does not count",
    file: schema("10_foundation/schema_version"),
    find: "(string_to_array(p_version, '.')::int[])[1:2]",
    replace: "(string_to_array(p_version, '.')::int[])[1:1]",
    tests: ["start_run/serves_this_release_and_the_one_before.test.sql"],
  },
  {
    name: "the doctor overlooks workers that were refused",
    file: schema("50_dispatch/doctor_checks"),
    find: "where recent.end_reason = 'version_mismatch'",
    replace: "where recent.end_reason = 'none'",
    tests: ["start_run/uses_up_a_ticket_of_a_version_it_does_not_serve.test.sql"],
  },
  {
    name: "a released migration may change",
    file: "local/schema/migration.ts",
    find: "else if (await sha256Of(text) !== sha256) {",
    replace: "else if (sha256 === text) {",
    tests: release,
  },
  {
    name: "a migration takes a database of any version",
    file: "local/schema/unreleased.ts",
    find: "if jobforge.schema_version() <> '${from}' then",
    replace: "if false then",
    tests: release,
  },
  {
    name: "what a person wrote into a migration is lost",
    file: "local/schema/unreleased.ts",
    find: "if (isEdited) {",
    replace: "if (text === undefined) {",
    tests: release,
  },
  {
    name: "the next release serves no worker of the one before",
    file: "local/schema/unreleased.ts",
    find: "await setVersion(folders, nextVersions(last.version)[1], last.version);",
    replace:
      "await setVersion(folders, nextVersions(last.version)[1], nextVersions(last.version)[1]);",
    tests: release,
  },
  {
    name: "a release takes files that are not committed",
    file: "local/schema/release_task.ts",
    find: "if (uncommitted.length > 0) {",
    replace: "if (uncommitted.length > 10) {",
    tests: release,
  },
  {
    name: "a release may skip a version",
    file: "local/schema/release_task.ts",
    find: "if (!allowed.includes(version)) {",
    replace: "if (allowed.length === 0) {",
    tests: release,
  },
  {
    name: "an upgrade goes back",
    file: "cli/install/plan_upgrade.ts",
    find: "if (compare(from, to) > 0) {",
    replace: "if (compare(from, to) > 9) {",
    tests: upgrade,
  },
  {
    name: "an upgrade skips a minor version",
    file: "cli/install/plan_upgrade.ts",
    find: "if (minors.size > 2) {",
    replace: "if (minors.size > 20) {",
    tests: upgrade,
  },
  {
    name: "an environment of any version is taken",
    file: "cli/install/plan_upgrade.ts",
    find: "if (version === undefined || known.includes(version)) return;",
    replace: "if (version !== null || known.length > 0) return;",
    tests: upgrade,
  },
  {
    name: "an upgrade writes the whole schema again",
    file: "cli/install/plan_install.ts",
    find: "${migrationFile(name, newest, now)}`, upgradeSql ?? text)",
    replace: "${migrationFile(name, newest, now)}`, text)",
    tests: upgrade,
  },
  {
    name: "what breaks is not said",
    file: "cli/install/plan_upgrade.ts",
    find: "...steps.flatMap((version) => breaksIn(contents.changelog, version)),",
    replace: "",
    tests: upgrade,
  },
];
