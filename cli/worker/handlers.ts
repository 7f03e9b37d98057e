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
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new UsageError(`${path} cannot be imported: ${reason}`);
  }
  const { handlers } = module;
  if (Array.isArray(handlers) && handlers.every(isHandler)) return handlers;
  throw new UsageError(`${path} must export an array of handlers as \`handlers\``);
}

function isHandler(value: unknown): value is JobHandler {
  const { definition, run } = Object(value);
  return typeof definition?.type === "string" && typeof run === "function";
}
