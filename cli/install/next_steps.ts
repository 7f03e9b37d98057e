import { dirname, join } from "node:path";
import { COMPOSE_LAYOUT, COMPOSE_ROUTER, layoutOf } from "./layout.ts";
import { type Plan, readIfThere } from "./plan.ts";
import { FUNCTIONS } from "./templates.ts";

/** Where the commands are typed that follow init and uninstall. */
export interface Place {
  /** Folder of the project. */
  root: string;
  /** How the command line of JobForge is typed. */
  command: string;
  prefix: string;
}

/** What a command changed that a person has to merge. */
export type Written = Pick<Plan, "changes">;

/** The options by which a version of the Supabase CLI finds its project. */
interface SupabaseCli {
  /** The option of `db push`. */
  push: string;
  /** The option of commands about functions. */
  functions: string;
}

const NEWEST: SupabaseCli = { push: "--remote=$REF", functions: "--remote=$REF" };
/** Before version 3 it acts on the project of `supabase link`. */
const LINKED: SupabaseCli = { push: "--linked", functions: "--project-ref $REF" };

/** Returns what is left to type after init. */
export async function stepsAfterInit(place: Place, written: Written): Promise<string> {
  const { root, command, prefix } = place;
  if (await isCompose(root)) return toMerge(written) + composeSteps(place, written, COMPOSE_SETUP);
  const cli = await supabaseCli(root);
  const functions = (await functionsOf(place)).join(" ");
  return `${toMerge(written)}${await opening(root)}
  npx supabase db push ${cli.push}
  npx supabase functions deploy ${functions} ${cli.functions}
  SUPABASE_URL=https://$REF.supabase.co SUPABASE_SECRET_KEY=<secret key> ${command} setup

Instead of the last one, which needs a secret key, you may open the worker once. It stores the URL:
  curl https://$REF.supabase.co/functions/v1/${prefix}worker/health`;
}

/** Returns what is left to type after upgrade, for each environment. */
export async function stepsAfterUpgrade(place: Place, written: Written): Promise<string> {
  const { root } = place;
  if (await isCompose(root)) return toMerge(written) + composeSteps(place, written);
  const cli = await supabaseCli(root);
  const functions = (await functionsOf(place)).join(" ");
  // In this order: the schema serves the functions before it, not those after it.
  return `${toMerge(written)}${await opening(root)}
  npx supabase db push ${cli.push}
  npx supabase functions deploy ${functions} ${cli.functions}

Repeat this for each environment, in this order. Push the migration again if it got no lock: it
waits a second at most, and changes nothing then.`;
}

/** Returns what is left to type after uninstall. */
export async function stepsAfterUninstall(place: Place, written: Written): Promise<string> {
  const { root, prefix } = place;
  if (await isCompose(root)) return composeSteps(place, written);
  const cli = await supabaseCli(root);
  const deletions = FUNCTIONS.map((kind) =>
    `  npx supabase functions delete ${prefix}${kind} ${cli.functions}`
  );
  return [
    await opening(root),
    `  npx supabase db push ${cli.push}`,
    ...deletions,
  ].join("\n");
}

async function isCompose(root: string): Promise<boolean> {
  return await layoutOf(root) === COMPOSE_LAYOUT;
}

const COMPOSE_SETUP = (prefix: string) => `
  curl http://localhost:8000/functions/v1/${prefix}worker/health

The last one stores http://kong:8000 as the project's URL, where the database reaches the functions.
Instead of it you may run setup with --project-url http://kong:8000 and the SERVICE_ROLE_KEY.

The functions authenticate in code, so FUNCTIONS_VERIFY_JWT must be false in .env. The router ends
them after a minute: set JOBFORGE_WALL_CLOCK_MS: 60000 for the service functions in your compose file,
or more there and in workerTimeoutMs of ${COMPOSE_ROUTER}.`;

/** The steps on a server of your own, where no command pushes and deploys. */
function composeSteps(
  { root, prefix }: Place,
  { changes }: Written,
  more: (prefix: string) => string = () => "",
): string {
  const migrations = changes.filter(({ path, after }) =>
    path.startsWith(`${COMPOSE_LAYOUT.migrations}/`) && after !== undefined
  );
  const pushes = migrations.map(({ path }) =>
    `  docker compose exec -T db psql -U postgres -v ON_ERROR_STOP=1 -1 -f - < ${path}\n`
  );
  return `
Next, on the server:
  cd ${shellWord(root)}
${pushes.join("")}  docker compose restart functions --no-deps${more(prefix)}`;
}

/** The functions that the team did not delete. */
async function functionsOf({ root, prefix }: Place): Promise<string[]> {
  const slugs = FUNCTIONS.map((kind) => prefix + kind);
  const { functions } = await layoutOf(root);
  const texts = slugs.map((slug) => readIfThere(root, `${functions}/${slug}/index.ts`));
  const present = await Promise.all(texts);
  return slugs.filter((_, at) => present[at] !== undefined);
}

function toMerge({ changes }: Written): string {
  const paths = changes.filter(({ after }) => after !== undefined).map(({ path }) => path)
    .filter((path) => path.endsWith(".new"));
  if (paths.length === 0) return "";
  return `
First take what is new into your files, and delete these:
${paths.map((path) => `  ${path}`).join("\n")}
`;
}

async function opening(root: string): Promise<string> {
  const ref = (await readIfThere(root, "supabase/.temp/project-ref"))?.trim();
  const known = ref && /^[a-z0-9]{1,40}$/.test(ref) ? ref : undefined;
  const first = known ? "Next:" : "Next, with the reference of your project in the second line:";
  return `
${first}
  cd ${shellWord(root)}
  export REF=${known ?? "your-project-ref"}`;
}

/** Reads the version of the CLI that `npx supabase` runs in a project. Without one it is new. */
async function supabaseCli(root: string): Promise<SupabaseCli> {
  for (let folder = root;; folder = dirname(folder)) {
    const text = await readIfThere(join(folder, "node_modules"), "supabase/package.json");
    if (text !== undefined) {
      return Number.parseInt(JSON.parse(text).version) < 3 ? LINKED : NEWEST;
    }
    if (folder === dirname(folder)) return NEWEST;
  }
}

/** Returns a text as one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
