import { numbersOf } from "../../shared/core/version.ts";

/** A version that was released. Its migration is never edited again. */
export interface Release {
  version: string;
  /** File name of its migration. */
  migration: string;
  /** SHA-256 of its migration, in hex. */
  sha256: string;
  /** SHA-256 of all schema files at its release, in hex. */
  schemas: string;
}

/** Where the list of the releases is. */
interface ReleaseList {
  releases: string;
}

/** Reads the releases of a project, oldest first. */
export async function readReleases({ releases }: ReleaseList): Promise<Release[]> {
  return JSON.parse(await Deno.readTextFile(releases));
}

/** Adds a release to the list of a project. */
export async function addRelease(folders: ReleaseList, release: Release): Promise<void> {
  const releases = [...await readReleases(folders), release];
  await Deno.writeTextFile(folders.releases, `${JSON.stringify(releases, null, 2)}\n`);
}

/** Returns the versions that may follow a version: the next patch, minor and major one. */
export function nextVersions(version: string): [patch: string, minor: string, major: string] {
  const [major, minor, patch] = numbersOf(version)!;
  return [`${major}.${minor}.${patch + 1}`, `${major}.${minor + 1}.0`, `${major + 1}.0.0`];
}

/** The part of a migration's file name that names its release, such as `jobforge_0_8_0`. */
export function migrationName(version: string): string {
  return `jobforge_${version.replaceAll(".", "_")}`;
}

/** Returns the SHA-256 of a text in hex. */
export async function sha256Of(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
