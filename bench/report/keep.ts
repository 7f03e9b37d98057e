import { plot } from "./plot.ts";
import { readme } from "./readme.ts";
import { type AllResults, latest, type Results } from "./results.ts";

const file = (name: string) => new URL(`../${name}`, import.meta.url);

/** Keeps the results in results.json, and writes README.md and plot.svg from all that are there. */
export async function keep(results: Results): Promise<void> {
  const text = await Deno.readTextFile(file("results.json")).catch(() => "{}");
  const all: AllResults = JSON.parse(text);
  const major = results.machine.versions.Postgres!.split(".")[0]!;
  const known = all[major]?.rows.filter(({ work }) =>
    !results.rows.some((row) => row.work === work)
  );
  all[major] = { ...results, rows: [...results.rows, ...known ?? []] };
  await Deno.writeTextFile(file("results.json"), `${JSON.stringify(all, null, 2)}\n`);
  await Deno.writeTextFile(file("README.md"), readme(all));
  await Deno.writeTextFile(file("plot.svg"), plot(latest(all).rows));
}
