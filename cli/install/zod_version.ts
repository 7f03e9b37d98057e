import { readIfThere } from "./plan.ts";

/**
 * Returns the version of zod for the functions: the one of the project's package.json, so that the
 * app reads the declarations with the same types, or else `inside`, the runtime's own.
 */
export async function zodOf(root: string, inside: string): Promise<string> {
  const text = await readIfThere(root, "package.json");
  try {
    const { dependencies, devDependencies } = JSON.parse(text ?? "{}");
    const range: unknown = dependencies?.zod ?? devDependencies?.zod;
    return typeof range === "string" && /^[\^~]?\d+(\.\d+){0,2}$/.test(range) ? range : inside;
  } catch {
    return inside;
  }
}
