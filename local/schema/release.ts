/** A released version of the schema. */
export interface Release {
  version: string;
  /** Timestamp of its migration, which decides the order of migrations. */
  timestamp: string;
}

/** The release that `deno task schema` writes. */
export const RELEASE: Release = { version: "0.8.0", timestamp: "20261128000000" };

/** The part of a migration's file name that names its release, such as `jobforge_0_8_0`. */
export function migrationName(version: string): string {
  return `jobforge_${version.replaceAll(".", "_")}`;
}

/** The file name of a release's migration. */
export function migrationFile({ version, timestamp }: Release): string {
  return `${timestamp}_${migrationName(version)}.sql`;
}
