import { JobForgeError } from "./errors.ts";

/** The version of this code, and of the schema that it belongs to. `deno task release` sets it. */
export const VERSION = "0.8.0";

/** Returns the message of an error about versions that do not fit, or undefined for another one. */
export function versionProblemOf(thrown: unknown): string | undefined {
  const isMismatch = thrown instanceof JobForgeError && thrown.code === "version_mismatch";
  return isMismatch ? thrown.message : undefined;
}

/**
 * Returns why a part of a version does not fit a schema, with what to do, or undefined. Schema N
 * serves N and the release before. The database judges the workers that start runs. This compares
 * what a person started, such as the command line.
 */
export function versionProblem(
  part: string,
  version: string,
  schema: string,
): string | undefined {
  const [code, database] = [version, schema].map(numbersOf);
  if (!code || !database) return `${part} has version ${version}, and the schema ${schema}`;
  const [major, minor] = [code[0] - database[0], code[1] - database[1]];
  if (major > 0 || (major === 0 && minor > 0)) {
    return `${part} ${version} is newer than schema ${schema}: push the migration of ` +
      "jobforge upgrade";
  }
  // Which release was the last before a new major version, the database alone knows.
  if (minor >= -1 && major === 0) return undefined;
  return `${part} ${version} is too old for schema ${schema}: use the one of ${schema}`;
}

/** Returns the numbers of a version, or undefined if it is none. */
export function numbersOf(version: string): [number, number, number] | undefined {
  const found = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(version);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
}
