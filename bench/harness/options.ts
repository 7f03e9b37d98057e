/** The options of the command line. */
export interface Options {
  groups: string[];
  quick: boolean;
  write: boolean;
}

/** The names of all groups, by when they run without `--only`. */
interface GroupNames {
  /** Always. */
  groups: string[];
  /** When the page of results is written. */
  extras: string[];
  /** Never. */
  named: string[];
}

/** Reads the command line. `--pg=15` is turned into the variable that local/ reads. */
export function readOptions(args: string[], { groups, extras, named }: GroupNames): Options {
  const known = [...groups, ...extras, ...named];
  const options: Options = { groups: [], quick: false, write: false };
  for (const arg of args) {
    const [name, value = ""] = arg.split("=");
    if (name === "--quick") options.quick = true;
    else if (name === "--write") options.write = true;
    else if (name === "--only") options.groups = groupsOf(value, known);
    else if (name === "--pg") choosePostgres(value);
    else refuse(`unknown argument ${arg}`, known);
  }
  if (options.groups.length === 0) options.groups = options.write ? [...groups, ...extras] : groups;
  return options;
}

function groupsOf(value: string, known: string[]): string[] {
  const names = value.split(",");
  for (const name of names) if (!known.includes(name)) refuse(`unknown group ${name}`, known);
  return names;
}

/** 17 is what local/ brings along. Others are taken from where Debian installs them. */
function choosePostgres(version: string): void {
  if (version !== "17") Deno.env.set("JOBFORGE_PG_BIN", `/usr/lib/postgresql/${version}/bin`);
}

function refuse(problem: string, known: string[]): never {
  console.error(`${problem}
deno task bench [--quick] [--only=${known.join(",")}] [--pg=15|17] [--write]`);
  Deno.exit(2);
}
