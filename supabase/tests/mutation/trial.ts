import { join } from "node:path";
import type { Sql } from "../../../local/postgres/database.ts";
import { migrate } from "../../../local/postgres/migrate.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { preparePgtap } from "../pgtap/suite.ts";
import { runTapFile } from "../pgtap/tap.ts";
import type { ChangedFunctions } from "./swap.ts";
import type { Workspace } from "./workspace.ts";

/** What the tests said: undefined when all of them passed. */
export type Complaint = string | undefined;

const DENO_TEST = [
  ...[
    "test",
    "--no-check",
    "--quiet",
    "--parallel",
    "--allow-net=127.0.0.1,localhost",
    "--allow-read",
  ],
  ...["--allow-write", "--allow-env", "--allow-run", "--allow-sys=uid"],
];

/** For a file. A mutant that makes a loop endless is none to keep: it may fill the memory. */
const DEADLINE_MS = 180_000;

/** How a trial may be shortened, or what it needs besides. */
export interface TrialOptions {
  /** The functions in which the sources differ from the project, if they differ in nothing else. */
  functions?: ChangedFunctions | undefined;
  /** SQL to run before the migrations. */
  before?: string | undefined;
}

/** Runs test files on the sources of a workspace as they are, until one complains. */
export async function complaintOf(
  workspace: Workspace,
  tests: string[],
  options: TrialOptions = {},
): Promise<Complaint> {
  const tapFiles = tests.filter((test) => test.endsWith(".test.sql"));
  const denoFiles = tests.filter((test) => test.endsWith("_test.ts"));
  if (tests.length === 0 || tapFiles.length + denoFiles.length < tests.length) {
    throw new Error(`tests are .test.sql or _test.ts files: ${tests}`);
  }
  return (tapFiles.length > 0 ? await complaintOfTap(workspace, tapFiles, options) : undefined) ??
    (denoFiles.length > 0 ? await complaintOfDeno(workspace, denoFiles) : undefined);
}

async function complaintOfTap(
  workspace: Workspace,
  files: string[],
  { functions, before }: TrialOptions,
): Promise<Complaint> {
  const { tests } = workspace;
  if (functions && before === undefined) {
    const swap = await workspace.swap();
    return await swap.with(functions, () => firstComplaint(swap.database.sql, tests, files));
  }
  // The migrations are applied to a copy of a database with pgTAP: no template of them stays.
  const sources = { migrations: workspace.pgtap };
  return await withDatabase(async (database) => {
    if (before) await database.sql.unsafe(before);
    await migrate(database.url, workspace);
    await preparePgtap(database, tests);
    return await firstComplaint(database.sql, tests, files);
  }, { sources });
}

async function firstComplaint(sql: Sql, folder: string, files: string[]): Promise<Complaint> {
  for (const file of files) {
    const { problems } = await runTapFile(sql, join(folder, file));
    if (problems.length > 0) return `${file}: ${problems[0]}`;
  }
  return undefined;
}

async function complaintOfDeno(workspace: Workspace, files: string[]): Promise<Complaint> {
  const deadlineMs = DEADLINE_MS * files.length;
  const signal = AbortSignal.timeout(deadlineMs);
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...DENO_TEST, ...files],
    cwd: workspace.root,
    env: { NO_COLOR: "1", JOBFORGE_TEST_SERVER: await serverUrl() },
    stdin: "null",
    stderr: "null",
    signal,
  }).output();
  if (success) return undefined;
  if (signal.aborted) throw new Error(`${files.join(", ")}: no end in ${deadlineMs} ms`);
  const report = new TextDecoder().decode(stdout);
  // A mutant that does not load says nothing about the tests.
  if (!/\d+ passed.*[1-9]\d* failed/.test(report) || report.includes("(uncaught error)")) {
    throw new Error(`the tests did not run:\n${report}`);
  }
  const failure = /^(.+) \.\.\. FAILED/m.exec(report)?.[1];
  return `${files.join(", ")}: ${failure ?? "failed"}`;
}

let knownServer: Promise<string> | undefined;

function serverUrl(): Promise<string> {
  return knownServer ??= withDatabase(({ adminUrl }) => Promise.resolve(adminUrl), { sources: {} });
}
