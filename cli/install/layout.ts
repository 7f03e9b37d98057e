import { readIfThere } from "./plan.ts";

/** Where a Supabase project keeps what JobForge adds to, by path from its folder. */
export interface Layout {
  functions: string;
  /** Where the runtime is. A folder that begins with _ is not deployed as a function. */
  runtime: string;
  jobs: string;
  migrations: string;
  /** Declarative schemas, if the project can have them. */
  schemas: string | undefined;
  /** Settings of single functions, if there are such. */
  config: string | undefined;
  /** Import paths from one folder to the other. */
  imports: { jobsFromFunction: string; runtimeFromJobs: string };
}

/** A project of the Supabase CLI. */
export const CLI_LAYOUT: Layout = {
  functions: "supabase/functions",
  runtime: "supabase/functions/_jobforge",
  jobs: "supabase/jobs",
  migrations: "supabase/migrations",
  schemas: "supabase/schemas",
  config: "supabase/config.toml",
  imports: { jobsFromFunction: "../../jobs", runtimeFromJobs: "../functions/_jobforge" },
};

/** Supabase's compose file for own servers. Of its folders functions see only `volumes/functions`. */
export const COMPOSE_LAYOUT: Layout = {
  functions: "volumes/functions",
  runtime: "volumes/functions/_jobforge",
  jobs: "volumes/functions/_jobs",
  migrations: "volumes/db/migrations",
  schemas: undefined,
  config: undefined,
  imports: { jobsFromFunction: "../_jobs", runtimeFromJobs: "../_jobforge" },
};

/** The main service of the compose file, which passes requests on to the functions. */
export const COMPOSE_ROUTER = "volumes/functions/main/index.ts";

/** Returns the layout of a project, or undefined for a folder without one. */
export async function findLayout(root: string): Promise<Layout | undefined> {
  if (await readIfThere(root, CLI_LAYOUT.config!) !== undefined) return CLI_LAYOUT;
  if (await readIfThere(root, COMPOSE_ROUTER) !== undefined) return COMPOSE_LAYOUT;
  return undefined;
}

/** Returns the layout of a project that was found. */
export async function layoutOf(root: string): Promise<Layout> {
  return await findLayout(root) ?? CLI_LAYOUT;
}

/** Declarations of job types, for the app and the functions. */
export const definitionsIn = ({ jobs }: Layout) => `${jobs}/definitions.ts`;

/** Handlers, for the worker alone. */
export const handlersIn = ({ jobs }: Layout) => `${jobs}/handlers.ts`;

/** The record of what was written. */
export const recordIn = ({ runtime }: Layout) => `${runtime}/installed.json`;
