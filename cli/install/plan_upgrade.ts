import { JobForgeError } from "../../shared/core/errors.ts";
import { numbersOf } from "../../shared/core/version.ts";
import type { KitContents } from "./kit.ts";
import type { Plan } from "./plan.ts";
import { planInstall } from "./plan_install.ts";
import { readRecord } from "./record.ts";

/** An environment that was asked for its version. */
export interface Environment {
  /** Its address. */
  url: string;
  /** The version of its schema, or undefined when it has none. */
  version: string | undefined;
}

/** The way of a project from its version to the one of a kit. */
export interface UpgradePlan extends Plan {
  from: string;
  to: string;
}

/**
 * Plans an upgrade: one migration after the team's newest, and the new runtime. Throws `not_found`
 * when JobForge is not installed, and `wrong_state` for a downgrade, for a step over a minor version,
 * and for an environment that the migration does not fit.
 */
export async function planUpgrade(
  root: string,
  contents: KitContents,
  environments: readonly Environment[],
  now: Date,
): Promise<UpgradePlan> {
  const record = await readRecord(root);
  if (!record) {
    throw new JobForgeError("not_found", `JobForge is not installed in ${root}: run init`);
  }
  const [from, to] = [record.version, contents.version];
  const steps = stepsBetween(contents, from);
  for (const environment of environments) requireFit(environment, [from, ...steps]);
  if (steps.length === 0) return { root, changes: [], notes: [], from, to };
  const plan = await planInstall(root, contents, {
    ...{ prefix: undefined, schemas: false, now },
    upgradeSql: upgradeSql(contents, steps),
  });
  const notes = [
    ...steps.flatMap((version) => breaksIn(contents.changelog, version)),
    ...steps.flatMap((version) => deletions(contents.upgrades.get(version)!)),
    ...plan.notes,
  ];
  return { ...plan, notes, from, to };
}

/** Returns the versions after the one that is installed, up to the kit's. */
function stepsBetween({ version: to, versions }: KitContents, from: string): string[] {
  if (compare(from, to) > 0) {
    throw rejected(`the project has JobForge ${from}, and this is ${to}: there is no way back`);
  }
  const at = versions.indexOf(from);
  if (at === -1) throw rejected(`JobForge ${to} has no way from ${from}, which it does not know`);
  const steps = versions.slice(at + 1);
  const minors = new Set([from, ...steps].map(minorOf));
  if (minors.size > 2) {
    const next = steps.filter((version) => minorOf(version) === [...minors][1]).at(-1);
    throw rejected(
      `workers of ${from} do not run on the schema of ${to}: upgrade to ${next} first`,
    );
  }
  return steps;
}

function requireFit({ url, version }: Environment, known: string[]): void {
  if (version === undefined || known.includes(version)) return;
  const [from, to] = [known[0]!, known.at(-1)!];
  throw rejected(
    compare(version, from) < 0
      ? `${url} has JobForge ${version}, not ${from}: push and deploy what the project has first`
      : `${url} has JobForge ${version}, which is not on the way from ${from} to ${to}`,
  );
}

/** One migration that begins with its identity. */
function upgradeSql({ version, upgrades }: KitContents, steps: string[]): string {
  const texts = steps.map((step) => upgrades.get(step)!.replace(/^-- JobForge .*\r?\n/, ""));
  return `-- JobForge ${version}\n${texts.join("\n")}`;
}

/** Returns the entries under `### Breaking` of a version, each on one line. */
function breaksIn(changelog: string, version: string): string[] {
  const section = changelog.split(/^## /m).find((text) => text.startsWith(`[${version}]`)) ?? "";
  const breaking = section.split(/^### /m).find((text) => text.startsWith("Breaking")) ?? "";
  const entries = breaking.split(/^- /m).slice(1);
  return entries.map((entry) => `${version} breaks: ${entry.trim().replace(/\s+/g, " ")}`);
}

function deletions(sql: string): string[] {
  return sql.match(/^-- Deletes data: .*$/gm)?.map((line) => line.slice("-- ".length)) ?? [];
}

function minorOf(version: string): string {
  return numbersOf(version)!.slice(0, 2).join(".");
}

function compare(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  if (!a || !b) throw rejected(`${left} and ${right} must be versions such as 1.2.3`);
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function rejected(message: string): JobForgeError {
  return new JobForgeError("wrong_state", message);
}
