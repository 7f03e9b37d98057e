import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { JobHandler } from "../../shared/core/job/handler.ts";
import { UsageError } from "../usage_error.ts";

/** Imports the handlers of an application: the array that the module exports as `handlers`. */
export async function importHandlers(path: string): Promise<readonly JobHandler[]> {
  const url = pathToFileURL(resolve(path)).href;
  let module: { handlers?: unknown };
  try {
    module = await import(url);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ERR_UNKNOWN_FILE_EXTENSION") {
      throw needsBuild(path);
    }
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new UsageError(`${path} cannot be imported: ${reason}`);
  }
  const { handlers } = module;
  if (Array.isArray(handlers) && handlers.every(isHandler)) return handlers;
  throw new UsageError(`${path} must export an array of handlers as \`handlers\``);
}

function needsBuild(path: string): UsageError {
  return new UsageError(
    `this Node does not run TypeScript: use Node 22.18 or later, or build ${path} first, with ` +
      `npx esbuild ${path} --bundle --platform=node --format=esm --outfile=handlers.mjs, ` +
      "and pass --handlers handlers.mjs",
  );
}

function isHandler(value: unknown): value is JobHandler {
  const { definition, run } = Object(value);
  return typeof definition?.type === "string" && typeof run === "function";
}
