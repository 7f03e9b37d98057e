import type { FunctionOptions } from "../edge/function.ts";
import type { ProjectFiles } from "../project.ts";
import type { AttachedDatabase } from "../stack/stack_database.ts";

/** A project that a development stack runs. */
export interface DevProject {
  root: string;
  /** Folder of data, keys and logs. */
  directory: string;
  files: ProjectFiles;
  functions: string[];
  functionOptions: Record<string, FunctionOptions>;
  /** Folders with the code of the functions. */
  code: string[];
  /** Tenants for whom user tokens are made, by name. */
  tenants: Readonly<Record<string, string>>;
  /** A database in place of an own one. */
  database?: AttachedDatabase;
  /** How the data is deleted, as it is typed. */
  reset: string;
}
