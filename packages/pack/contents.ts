import { join } from "node:path";
import type { Scripts } from "./scripts.ts";

/** A package of npm of which code is inside. */
export interface BundledPackage {
  name: string;
  version: string;
  license: string;
  /** Files of our package that have code of it. */
  in: string[];
}

const PACKAGE_FOLDER = /^node_modules\/\.deno\/[^/]+\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** A license that asks for no copy of itself. Packages under it have no file of it. */
const PUBLIC_DOMAIN = "Unlicense";

/** Returns the packages in the scripts, and the texts of their licenses. */
export async function bundledPackages(
  root: string,
  { inputs }: Scripts,
): Promise<{ packages: BundledPackage[]; licenses: string }> {
  const folders = new Map<string, Set<string>>();
  for (const [output, paths] of inputs) {
    for (const path of paths) {
      const folder = PACKAGE_FOLDER.exec(path)?.[0];
      if (folder) folders.set(folder, (folders.get(folder) ?? new Set()).add(output));
      else if (path.includes("node_modules")) throw new Error(`no package is known for ${path}`);
    }
  }
  const packages: BundledPackage[] = [];
  const texts: string[] = [];
  for (const [folder, outputs] of [...folders].toSorted()) {
    const text = await Deno.readTextFile(join(root, folder, "package.json"));
    const { name, version, license } = JSON.parse(text);
    packages.push({ name, version, license, in: [...outputs].sort() });
    const terms = license === PUBLIC_DOMAIN
      ? "Dedicated to the public domain (https://unlicense.org)."
      : await licenseOf(join(root, folder));
    texts.push(`${name} ${version} (${license})\n\n${terms.trim()}`);
  }
  return { packages, licenses: texts.join(`\n\n${"-".repeat(72)}\n\n`) + "\n" };
}

async function licenseOf(folder: string): Promise<string> {
  for await (const { name } of Deno.readDir(folder)) {
    if (/^licen[cs]e(\.|$)/i.test(name)) return await Deno.readTextFile(join(folder, name));
  }
  throw new Error(`${folder} has no license file`);
}
