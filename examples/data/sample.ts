/** Reads a sample input of this folder. */
export function sample(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, import.meta.url));
}
