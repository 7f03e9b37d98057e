import { readJson, requireJsonType } from "../../shared/adapters/http/body.ts";
import { JobForgeError } from "../../shared/core/errors.ts";
import { toProblem } from "../../shared/core/http/problem.ts";
import { type CallArguments, foreignArgument, isCall } from "../contract/calls.ts";
import { isRead, readPath } from "../contract/reads.ts";
import type { Data } from "./data.ts";
import type { Guard } from "./guard.ts";

/** A file of the page. */
export interface Asset {
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The dependencies of the dashboard's server. */
export interface DashboardDeps {
  guard: Guard;
  data: Data;
  /** The page's files by path, including `/`. */
  assets: ReadonlyMap<string, Asset>;
}

const MAX_BODY_BYTES = 64 * 1024;

/** Only the page's own files run or style it, and it connects only to its own server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Creates the handler of the dashboard's server for the page, its calls and its reads. */
export function createDashboard(deps: DashboardDeps): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      deps.guard.admit(request);
      return await route(deps, request);
    } catch (error) {
      if (!(error instanceof JobForgeError)) console.error(error);
      const { problem, headers } = toProblem(error);
      return reply(JSON.stringify(problem), headers, problem.status);
    }
  };
}

async function route(deps: DashboardDeps, request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const [, part, kind, name = "", ...rest] = pathname.split("/");
  if (part !== "api") return asset(deps, request, pathname);
  await deps.guard.authenticate(request);
  if (kind === "call" && isCall(name) && rest.length === 0) {
    requireMethod(request, "POST");
    requireJsonType(request);
    const args = await readArguments(request);
    const foreign = foreignArgument(name, args);
    if (foreign !== undefined) {
      throw new JobForgeError("invalid_argument", `${name} does not accept ${foreign} here`);
    }
    return json(await deps.data.call(name, args));
  }
  if (kind === "read" && isRead(name) && rest.length === 0) {
    requireMethod(request, "GET");
    return json(await deps.data.read(readPath(name, Object.fromEntries(searchParams))));
  }
  throw nothingThere();
}

function asset(deps: DashboardDeps, request: Request, pathname: string): Response {
  const found = deps.assets.get(pathname);
  if (!found) throw nothingThere();
  requireMethod(request, "GET");
  return reply(found.bytes, { "content-type": found.type });
}

async function readArguments(request: Request): Promise<CallArguments> {
  const body = await readJson(request, MAX_BODY_BYTES);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) {
    return body as CallArguments;
  }
  throw new JobForgeError("invalid_argument", "the body must be an object of arguments");
}

function requireMethod(request: Request, method: string): void {
  if (request.method === method) return;
  throw new JobForgeError("method_not_allowed", `this route accepts only ${method}`, {
    allow: [method],
  });
}

function nothingThere(): JobForgeError {
  return new JobForgeError("not_found", "there is no such route");
}

function json(text: string): Response {
  return reply(text, { "content-type": "application/json" });
}

function reply(body: BodyInit, headers: Record<string, string>, status = 200): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}
