import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { PROJECT_ROOT } from "../project.ts";

/** A function in a source file. */
export interface SourceFunction {
  /** Its own name, or that of what it is assigned or passed to. */
  name: string;
  /** Lines from its first word to its last brace, without the test steps in it. */
  lines: number;
}

/** A TypeScript file of the project. Paths count from the root. */
export interface Source {
  path: string;
  text: string;
  lines: number;
  /** Specifiers as written, and the files that the relative ones name. */
  imports: { specifier: string; target: string }[];
  functions: SourceFunction[];
  /** Global objects and functions in use: `Deno.open`, `fetch()`, `new Date()`. */
  globals: string[];
}

const SKIPPED = new Set([".git", ".jobforge", ".temp", "node_modules"]);

/** Paths of the files below a folder of the project, in order. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(PROJECT_ROOT, folder))) {
    const path = join(folder, name);
    if (!isDirectory) found.push(path);
    else if (!SKIPPED.has(name)) found.push(...await filesBelow(path));
  }
  return found.sort();
}

/** Reads a text of the project. */
export function readText(path: string): Promise<string> {
  return Deno.readTextFile(join(PROJECT_ROOT, path));
}

/** Number of lines in a text that ends with a newline. */
export function lineCount(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

/** Reads and parses every TypeScript file of the project. */
export async function readSources(): Promise<Source[]> {
  const paths = (await filesBelow(".")).filter((path) => /\.tsx?$/.test(path))
    // The apps have compilers of their own, and files that `init` writes are missing there.
    .filter((path) => !path.startsWith("examples/apps/"));
  return await Promise.all(paths.map(async (path) => parse(path, await readText(path))));
}

/** Parses one TypeScript file. */
export function parse(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const source: Source = {
    ...{ path, text, lines: lineCount(text) },
    ...{ imports: [], functions: [], globals: [] },
  };
  const visit = (node: ts.Node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      const isRelative = specifier.startsWith(".");
      const target = isRelative ? normalize(join(dirname(path), specifier)) : specifier;
      source.imports.push({ specifier, target });
    }
    if (ts.isFunctionLike(node) && "body" in node && node.body) {
      source.functions.push({ name: nameOf(node), lines: linesOf(node) });
    }
    const used = globalOf(node);
    if (used) source.globals.push(used);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return source;
}

/** What an import, an export from elsewhere, a type import or a dynamic import names. */
function specifierOf(node: ts.Node): string | undefined {
  const literal = ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
    ? node.moduleSpecifier
    : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
    ? node.argument.literal
    : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    ? node.arguments[0]
    : undefined;
  return literal && ts.isStringLiteralLike(literal) ? literal.text : undefined;
}

/** Steps of a test are measured on their own: they are tests. */
function linesOf(node: ts.Node): number {
  let lines = lineCount(node.getText());
  const visit = (child: ts.Node) => {
    if (isStep(child)) lines -= lineCount(child.getText()) - 1;
    else ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return lines;
}

function isStep(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && ts.isCallExpression(node.parent) &&
    /^\w+\.step$/.test(node.parent.expression.getText());
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) {
    return parent.name.getText();
  }
  if (!ts.isCallExpression(parent)) return ts.isConstructorDeclaration(node) ? "constructor" : "=>";
  const title = parent.arguments.find(ts.isStringLiteralLike)?.text;
  return `${parent.expression.getText()}(${title ? `"${title}"` : "…"})`;
}

function globalOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    return `${node.expression.text}.${node.name.text}`;
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    return `${node.expression.text}()`;
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    return `new ${node.expression.text}(${node.arguments?.length ? "…" : ""})`;
  }
  return undefined;
}
