import { join } from "node:path";
import { PROJECT_ROOT } from "../project.ts";

/** Folder of the development stack: data, keys, logs. */
export const DEV_DIRECTORY = join(PROJECT_ROOT, ".jobforge");

/** Shell variables of the running development stack, for `source` and `--env-file`. */
export const DEV_ENV_FILE = join(DEV_DIRECTORY, "stack.env");
