/** `jobforge dev`: the local stack of a user's own project, kept between runs, until Ctrl-C. */
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { makePrivateDirectory } from "../system.ts";
import { openGivenServer } from "./given_database.ts";
import { deleteData } from "./reset.ts";
import { runDev } from "./run_dev.ts";
import { readUserProject } from "./user_project.ts";

/** How a development stack is started. */
export interface UserDevOptions {
  /** Folder with `supabase/`. */
  root: string;
  /** URL of a superuser of another Postgres. */
  databaseUrl?: string | undefined;
  /** Whether the data is deleted first. */
  reset: boolean;
  /** How the command is typed on this machine, with the folder. */
  command: string;
}

/** Runs the stack until a signal. Returns the exit code, after it printed what went wrong. */
export async function userDev(options: UserDevOptions): Promise<0 | 1> {
  try {
    await start(options);
    return 0;
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    console.error(typedHere(error.report(), options.command));
    return 1;
  }
}

async function start({ root, databaseUrl, reset, command }: UserDevOptions): Promise<void> {
  const project = await readUserProject(root);
  const directory = join(root, ".jobforge");
  if (reset) await deleteData(directory);
  await makePrivateDirectory(directory, undefined);
  // Git sees nothing of the folder, whether the project ignores it or not.
  await Deno.writeTextFile(join(directory, ".gitignore"), "*\n");
  await runDev({
    ...project,
    ...(databaseUrl === undefined ? {} : { database: await openGivenServer(databaseUrl) }),
    ...{ directory, tenants: {}, code: [join(root, "supabase")], reset: `${command} --reset` },
  });
}

/** Hints of the stack name the tasks of JobForge's repository. */
function typedHere(text: string, command: string): string {
  return text.replaceAll("deno task reset", `${command} --reset`)
    .replaceAll("deno task dev", command);
}
