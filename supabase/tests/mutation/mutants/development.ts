import type { Mutant } from "../mutant.ts";

const init = ["cli/install/npm_imports_test.ts"];
const testing = ["packages/jobforge/testing_test.ts"];
const migrate = ["local/postgres/migrate_test.ts"];
const output = ["local/dev/function_output_test.ts"];
const terminal = ["shared/adapters/runtime/terminal_test.ts"];
const project = ["local/dev/user_project_test.ts"];

/** Faults of the local stack in a user's own project, of its imports from npm and of its tests. */
export const development: Mutant[] = [
  {
    name: "init --npm leaves the imports of the vendored runtime",
    file: "cli/install/plan_install.ts",
    find: "record.npm ? fromNpm(path, text, record.version) : text",
    replace: "text",
    tests: init,
  },
  {
    name: "a second init vendors the runtime beside the npm package",
    file: "cli/install/plan_install.ts",
    find: "return asked || present;",
    replace: "return asked || false;",
    tests: init,
  },
  {
    name: "init --npm takes over an install with the vendored runtime",
    file: "cli/install/plan_install.ts",
    find: "if (earlier && asked && !present) {",
    replace: "if (false) {",
    tests: init,
  },
  {
    name: "migrations run up to the first extension that is missing",
    file: "local/postgres/migrate.ts",
    find: "    await requireExtensions(sql, pending);\n",
    replace: "",
    tests: migrate,
  },
  {
    name: "a migration fails for an extension that has a stand-in",
    file: "local/postgres/migrate.ts",
    find: "withoutPassedOver(text, statements)",
    replace: "text",
    tests: migrate,
  },
  {
    name: "a piece of the platform that is missing has no name",
    file: "local/postgres/migrate.ts",
    find: 'missingPiece(message ?? "")',
    replace: 'missingPiece("")',
    tests: migrate,
  },
  {
    name: "a seed stays although the next one fails",
    file: "local/postgres/migrate.ts",
    find: "await transaction.unsafe(text).catch",
    replace: "await transaction.unsafe(`${text}; commit; begin`).catch",
    tests: migrate,
  },
  {
    name: "what others print comes before an error at the start",
    file: "local/dev/function_output.ts",
    find: "if (waiting) waiting.push(shown);\n    else this.#print(shown);",
    replace: "this.#print(shown);",
    tests: output,
  },
  {
    name: "a function that starts again is not said to be fixed",
    file: "local/dev/function_output.ts",
    find: "if (this.#broken.delete(name))",
    replace: "if (false)",
    tests: output,
  },
  {
    name: "what a handler prints has no job",
    file: "shared/adapters/runtime/terminal.ts",
    find: "if (!tag) return print(...values);",
    replace: "return print(...values);",
    tests: terminal,
  },
  {
    name: "the line of a package counts as the application's",
    file: "shared/adapters/runtime/terminal.ts",
    find: "|\\/node_modules\\/",
    replace: "",
    tests: terminal,
  },
  {
    name: "a function that is disabled is started",
    file: "local/dev/user_project.ts",
    find: ".filter((name) => sections[name]?.enabled !== false)",
    replace: "",
    tests: project,
  },
  {
    name: "a seed that is turned off runs",
    file: "local/dev/user_project.ts",
    find: "db?.seed?.enabled === false ? [] :",
    replace: "false ? [] :",
    tests: project,
  },
  {
    name: "a recorded job fits a payload that it has a part of",
    file: "packages/jobforge/recorded_jobs.ts",
    find:
      "if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) return false;",
    replace: "",
    tests: testing,
  },
  {
    name: "timers of a test's clock run late",
    file: "packages/jobforge/test_clock.ts",
    find: "this.#now = Math.max(this.#now, due.at);",
    replace: "this.#now = end;",
    tests: testing,
  },
  {
    name: "a postponement of a tested job uses up an attempt",
    file: "packages/jobforge/run_job.ts",
    find: "if (!isPostponed) attempt++;",
    replace: "attempt++;",
    tests: testing,
  },
  {
    name: "half of the schema of tests stays after an error",
    file: "packages/jobforge/testing_postgres.ts",
    find: "await execute(`begin;\\n${text}\\ncommit;`);",
    replace: 'for (const part of text.split("create schema jobforge;")) await execute(part);',
    tests: ["packages/pack/testing_postgres_test.ts"],
  },
];
