import type { Mutant } from "../mutant.ts";

const init = ["cli/install/init_test.ts"];
const uninstall = ["cli/install/uninstall_test.ts"];
const database = ["cli/install/database_test.ts"];
const pack = ["packages/pack/package_test.ts"];
const schema = ["shared/core/job/schema_test.ts"];

/** Faults of the package, of init and of uninstall. */
export const install: Mutant[] = [
  {
    name: "init writes over what the team changed",
    file: "cli/install/plan_install.ts",
    find: "if (present === undefined || !recorded || hashOf(present) === written) {",
    replace: "if (present !== text) {",
    tests: init,
  },
  {
    name: "init writes job files again",
    file: "cli/install/plan_install.ts",
    find: "if (path in draft.record.files) continue;",
    replace: "",
    tests: init,
  },
  {
    name: "init takes a function of the team",
    file: "cli/install/plan_install.ts",
    find: "throw rejected(`${path} exists: choose other names by --prefix`);",
    replace: "",
    tests: init,
  },
  {
    name: "init writes a migration that is there under another name",
    file: "cli/install/plan_install.ts",
    find: "if (own.length === 0 || (upgradeSql && present?.version !== version)) {",
    replace: "if (true) {",
    tests: init,
  },
  {
    name: "the database is not told the worker's name",
    file: "cli/install/plan_install.ts",
    find: "worker_function = '${prefix}worker'",
    replace: "worker_function = 'worker'",
    tests: [...init, "cli/install/worker_test.ts"],
  },
  {
    name: "a dry run writes",
    file: "cli/commands/install.ts",
    find: "if (dryRun) return false;",
    replace: "",
    tests: init,
  },
  {
    name: "init writes without a question",
    file: "cli/commands/install.ts",
    find: "if (!yes) {",
    replace: "if (yes === null) {",
    tests: init,
  },
  {
    name: "a migration comes before the team's",
    file: "cli/install/migrations.ts",
    find: "if (newest === undefined || Number(newest) < Number(stamp)) {",
    replace: "if (stamp) {",
    tests: init,
  },
  {
    name: "a section that keeps callers out stays",
    file: "cli/install/config_toml.ts",
    find: "if (slug in sections && sections[slug]!.verify_jwt !== false) {",
    replace: "if (slug === null) {",
    tests: init,
  },
  {
    name: "uninstall deletes what the team changed",
    file: "cli/install/plan_uninstall.ts",
    find: "if (hash === undefined || hashOf(before) === hash) {",
    replace: "if (before) {",
    tests: uninstall,
  },
  {
    name: "uninstall deletes a migration that may have been pushed",
    file: "cli/install/plan_uninstall.ts",
    find: "if (!migrations.has(path)) await",
    replace: "await",
    tests: uninstall,
  },
  {
    name: "uninstall deletes open jobs",
    file: "packages/jobforge/uninstall.sql",
    find: "where finished_at is null",
    replace: "where false",
    tests: database,
  },
  {
    name: "uninstall leaves secrets behind",
    file: "packages/jobforge/uninstall.sql",
    find: "starts_with(secrets.name, 'jobforge/')",
    replace: "false",
    tests: database,
  },
  {
    name: "uninstall leaves cron jobs behind",
    file: "packages/jobforge/uninstall.sql",
    find: "starts_with(job.jobname, 'jobforge-')",
    replace: "false",
    tests: database,
  },
  {
    name: "the worker has error classes of its own",
    file: "packages/pack/scripts.ts",
    find: "splitting: true",
    replace: "splitting: false",
    tests: pack,
  },
  {
    name: "a bundled package has no license text",
    file: "packages/pack/contents.ts",
    find: "texts.push(",
    replace: "texts.concat(",
    tests: pack,
  },
  {
    name: "the client loads zod",
    file: "packages/jobforge/client.ts",
    find: 'export * from "../../shared/client.ts";',
    replace: 'export * from "../../shared/client.ts";\nexport * from "zod";',
    tests: pack,
  },
  {
    name: "the functions answer below one name",
    file: "supabase/functions/worker/app.ts",
    find: '.basePath("/:function")',
    replace: '.basePath("/worker")',
    tests: ["cli/install/worker_test.ts"],
  },
  {
    name: "a schema may answer with a promise",
    file: "shared/core/job/schema.ts",
    find: "if (!(validation instanceof Promise)) return validation;",
    replace: "if (validation) return validation as Validation<Output>;",
    tests: schema,
  },
  {
    name: "an issue quotes the payload",
    file: "shared/core/job/payload.ts",
    find: '? issue.code : "invalid"',
    replace: "? issue.code : issue.message",
    tests: schema,
  },
];
