import { JobForgeError } from "../../shared/core/errors.ts";
import { TYPE_NAME } from "../../shared/core/job/names.ts";
import { UsageError } from "../usage_error.ts";
import { definitionsIn, handlersIn, layoutOf } from "./layout.ts";
import { shellWord } from "./next_steps.ts";
import { type Plan, readIfThere } from "./plan.ts";

/**
 * Plans a further job type: its declaration and its handler, at the end of the two job files.
 * Throws `not_found` and `wrong_state` when a file is missing or has no list to add to.
 */
export async function addJob(root: string, type: string, command: string): Promise<Plan> {
  if (!TYPE_NAME.test(type)) {
    throw new UsageError(
      `a job type must be a letter and up to 127 letters, digits or _ . : -, not ${type}`,
    );
  }
  const words = type.split(/[_.:-]+/).filter((word) => word !== "");
  const Name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  // One word may be a keyword.
  const name = Name[0]!.toLowerCase() + Name.slice(1) + (words.length === 1 ? "Job" : "");
  const layout = await layoutOf(root);
  const paths = { definitions: definitionsIn(layout), handlers: handlersIn(layout) };
  const definitions = await required(root, paths.definitions, command);
  const handlers = await required(root, paths.handlers, command);
  if (definitions.includes(`type: "${type}"`) || new RegExp(`\\b${name}\\b`).test(definitions)) {
    throw new JobForgeError("wrong_state", `${paths.definitions} has ${type} already`);
  }
  const declaration = `\
export const ${name} = defineJob({
  type: "${type}",
  payload: z.object({}),
});
`;
  const handler = `\
const handle${Name} = handle(${name}, (_payload, ctx) => {
  ctx.log("started");
});
`;
  const imported = addImport(handlers, name);
  return {
    root,
    notes: [],
    changes: [
      {
        path: paths.definitions,
        before: definitions,
        after: addToList(paths.definitions, definitions, "definitions", name, declaration),
      },
      {
        path: paths.handlers,
        before: handlers,
        after: addToList(paths.handlers, imported, "handlers", `handle${Name}`, handler),
      },
    ],
  };
}

async function required(root: string, path: string, command: string): Promise<string> {
  const text = await readIfThere(root, path);
  if (text !== undefined) return text;
  throw new JobForgeError(
    "not_found",
    `${path} does not exist: run ${command} init ${shellWord(root)}`,
  );
}

function addToList(path: string, text: string, list: string, name: string, code: string): string {
  const pattern = new RegExp(`^export const ${list} = \\[([^\\]]*)\\]`, "m");
  const found = pattern.exec(text);
  if (!found) {
    throw new JobForgeError("wrong_state", `${path} must have: export const ${list} = [ … ]`);
  }
  const inside = found[1]!.trim();
  // A comment may end the list, and what follows it would be part of it.
  const names = inside.includes("//")
    ? `\n  ${name},\n  ${inside}\n`
    : [inside.replace(/,$/, ""), name].filter(Boolean).join(", ");
  return `${text.slice(0, found.index)}${code}\nexport const ${list} = [${names}]` +
    text.slice(found.index + found[0].length);
}

function addImport(handlers: string, name: string): string {
  const pattern = /^import \{([^}]*)\} from "\.\/definitions\.ts";/m;
  const found = pattern.exec(handlers);
  if (!found) return `import { ${name} } from "./definitions.ts";\n${handlers}`;
  const names = found[1]!.trim().replace(/,$/, "");
  return handlers.replace(pattern, () => `import { ${names}, ${name} } from "./definitions.ts";`);
}
