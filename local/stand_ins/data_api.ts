import { App } from "@supabase/lite";
import { PostgresConnection } from "@supabase/lite/postgres";
import { CompiledQuery, type Kysely } from "kysely";
import { createLocalJWKSet, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { ProjectKeys } from "../keys.ts";
import type { Logbook } from "../logbook.ts";
import { connect } from "../postgres/database.ts";
import { completeAuth } from "./auth.ts";
import { hideNumbers, showNumbers, withHiddenNumbers, withShownNumbers } from "./hidden_numbers.ts";

/** The Data API and the Auth server of one database. */
export interface DataApi {
  /** Answers a request below `/rest/v1` or `/auth/v1`. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

type Claims = Record<string, unknown>;

/**
 * Opens the Data API (as `authenticator`, like PostgREST) and Auth (as `supabase_auth_admin`) of a
 * database; `urlOf` gives the connection URL of a role. Failed statements go to the log `data-api`.
 */
export function openDataApi(
  urlOf: (role: string) => string,
  keys: ProjectKeys,
  logbook: Logbook,
): DataApi {
  const catalog = new PostgresConnection({ url: urlOf("postgres"), postgresOptions: pool(1) });
  const rest = new RestConnection(urlOf("authenticator"), catalog);
  const auth = new PostgresConnection({
    url: urlOf("supabase_auth_admin"),
    postgresOptions: pool(4),
  });
  const claimsOf = new WeakMap<Request, Claims>();
  const restApp = app(rest, keys, claimsOf);
  const authApp = app(auth, keys, claimsOf);
  const stopCapture = captureErrors(logbook);
  const owner = connect(urlOf("postgres"));
  const fetchAuth = completeAuth({
    ...{ fetch: (request) => authApp.fetch(request), sql: owner, keys },
    isAdmin: async (request) =>
      (await resolveKey(request.headers.get("apikey") ?? "", keys))?.type === "secret",
  });
  const listening = owner.listen("pgrst", () => void catalog.clearSchemaCache());

  async function fetchRest(request: Request): Promise<Response> {
    const token = userToken(request);
    if (token === undefined) return await restApp.fetch(request);
    const claims = await verifyToken(token, keys).catch((error: unknown) => refuseToken(error));
    if (claims instanceof Response) return claims;
    const bare = withoutAuthorization(request);
    claimsOf.set(bare, { role: "anon", ...claims });
    return await restApp.fetch(bare);
  }

  async function fetchExact(request: Request): Promise<Response> {
    const hidden = await withHiddenNumbers(request);
    return await withShownNumbers(await fetchRest(withScalarName(hidden)));
  }

  return {
    fetch(request) {
      const isAuth = new URL(request.url).pathname.startsWith("/auth/v1");
      return isAuth ? fetchAuth(request) : fetchExact(request);
    },
    async close() {
      await listening;
      await Promise.all([catalog, rest, auth].map((connection) => connection.close()));
      await owner.end();
      stopCapture();
    },
  };
}

function app(
  connection: PostgresConnection,
  keys: ProjectKeys,
  claimsOf: WeakMap<Request, Claims>,
) {
  return new App({
    connection,
    api: { schemas: ["public"], max_rows: 1000, pg_safe_update: true },
    storage: { enabled: false },
    auth: { enabled: true, jwt_secret: keys.jwtSecret },
    options: {
      server: {
        disableStudio: true,
        disableFallback: true,
        apiKeys: {
          async resolver(key, context) {
            const resolved = await resolveKey(key, keys);
            const claims = claimsOf.get(context.req.raw);
            return resolved && claims ? { ...resolved, claims } : resolved;
          },
        },
      },
    },
  });
}

function pool(max: number) {
  return { max, onnotice() {}, types: { json: jsonText(114), jsonb: jsonText(3802), timestamptz } };
}

// The library hands JSON arguments over as text already. Its own types would encode them once more.
function jsonText(oid: number) {
  return {
    to: oid,
    from: [oid],
    serialize: (value: unknown) => showNumbers(isJsonText(value) ? value : JSON.stringify(value)),
    parse: (text: string) => JSON.parse(hideNumbers(text)),
  };
}

// Times in JSON are ISO 8601, as PostgREST has them.
const timestamptz = {
  to: 1184,
  from: [1184],
  serialize: (value: unknown) => value,
  parse: (text: string) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"),
};

function isJsonText(value: unknown): value is string {
  if (typeof value !== "string") return false;
  try {
    return JSON.parse(value) !== undefined;
  } catch {
    return false;
  }
}

/** Returns the claims of an API key. */
export async function claimsOfKey(key: string, keys: ProjectKeys): Promise<Claims | undefined> {
  return (await resolveKey(key, keys))?.claims;
}

async function resolveKey(key: string, keys: ProjectKeys) {
  if ([keys.secretKey, ...Object.values(keys.namedSecretKeys ?? {})].includes(key)) {
    return { type: "secret" as const, claims: { role: "service_role" } };
  }
  if (key === keys.publishableKey) {
    return { type: "publishable" as const, claims: { role: "anon" } };
  }
  const claims = await verifyToken(key, keys).catch(() => undefined);
  if (claims?.role === "service_role") return { type: "secret" as const, claims };
  return claims?.role === "anon" ? { type: "publishable" as const, claims } : null;
}

/** Returns the claims of a user token that the project accepts. */
export async function verifyToken(token: string, keys: ProjectKeys): Promise<Claims> {
  if (decodeProtectedHeader(token).alg !== "HS256") {
    const trusted = createLocalJWKSet({ keys: keys.signingKeys ?? [] });
    return (await jwtVerify(token, trusted, { algorithms: ["ES256", "RS256"] })).payload;
  }
  const secret = new TextEncoder().encode(keys.jwtSecret);
  return (await jwtVerify(token, secret, { algorithms: ["HS256"] })).payload;
}

/** The bearer token, unless it only repeats the API key as supabase-js does without a session. */
function userToken(request: Request): string | undefined {
  const token = /^Bearer\s+(.*)$/.exec(request.headers.get("authorization") ?? "")?.[1];
  return token === request.headers.get("apikey") ? undefined : token;
}

// The library looks every token's user up in the schema `auth`. PostgREST only checks the token.
function withoutAuthorization(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete("authorization");
  // Copying the request itself would copy its abort signal, which Deno warns about.
  const { url, method, body } = request;
  return new Request(url, { method, headers, body });
}

/** PostgREST names the result of a function that returns one value pgrst_scalar, also in filters. */
function withScalarName(request: Request): Request {
  const url = new URL(request.url);
  const called = /^\/rest\/v1\/rpc\/(\w+)$/.exec(url.pathname)?.[1];
  if (called === undefined || !url.search.includes("pgrst_scalar")) return request;
  url.search = url.search.replaceAll(/\bpgrst_scalar\b/g, called);
  const { method, headers, body } = request;
  return new Request(url, { method, headers, body });
}

function refuseToken(error: unknown): Response {
  const expired = error instanceof errors.JWTExpired;
  const code = expired ? "PGRST303" : "PGRST301";
  const message = expired ? "JWT expired" : "No suitable key or wrong key type";
  const headers = { "www-authenticate": `Bearer error="invalid_token"` };
  return Response.json({ code, details: null, hint: null, message }, { status: 401, headers });
}

/**
 * On its first request the library would grant every table of every schema with RLS to anon and
 * authenticated, and it looks for tables with the rights of its connection; `authenticator` has
 * none. So the grants are switched off and the catalog is read through another connection. The
 * request's settings are set in one statement instead of eleven.
 */
class RestConnection extends PostgresConnection {
  constructor(url: string, private readonly catalog: PostgresConnection) {
    super({ url, postgresOptions: pool(20) });
    Object.assign(this, {
      rlsState: "active",
      applyJwtSessionContext: setIdentity,
      applyRpcRequestGucs: setRequest,
    });
  }

  override introspect(options?: { useCache?: boolean }) {
    return this.catalog.introspect(options);
  }

  override viewOptionsMetadata(name: string, schema: string) {
    return this.catalog.viewOptionsMetadata(name, schema);
  }
}

async function setIdentity(
  db: Kysely<unknown>,
  { auth }: { auth?: { role?: string; jwt?: Claims | null } },
): Promise<void> {
  const role = auth?.role ?? "anon";
  await setLocally(db, {
    "role": role,
    "request.jwt.claims": JSON.stringify(auth?.jwt ?? { role }),
  });
}

async function setRequest(
  db: Kysely<unknown>,
  request: { method: string; path: string; requestHeaders?: Record<string, string> },
): Promise<void> {
  await setLocally(db, {
    "response.status": "",
    "response.headers": "",
    "request.method": request.method,
    "request.path": request.path,
    "request.headers": JSON.stringify(request.requestHeaders ?? {}),
  }, request.path.replace(/^\/rpc\//, ""));
}

// PostgREST applies a function's statement_timeout to the whole transaction (db-hoisted-tx-settings),
// so it also bounds the filter that is evaluated after the function.
const HOISTED = `(select set_config('statement_timeout', split_part(setting, '=', 2), true)
  from pg_proc cross join unnest(proconfig) as setting
  where pronamespace = 'public'::regnamespace and proname = $FUNCTION
    and starts_with(setting, 'statement_timeout=')
  limit 1)`;

async function setLocally(
  db: Kysely<unknown>,
  settings: Record<string, string>,
  calledFunction?: string,
): Promise<void> {
  const parameters = Object.entries(settings).flat();
  const calls = Object.keys(settings)
    .map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`);
  if (calledFunction !== undefined) {
    parameters.push(calledFunction);
    calls.push(HOISTED.replace("$FUNCTION", `$${parameters.length}`));
  }
  await db.executeQuery(CompiledQuery.raw(`select ${calls.join(", ")}`, parameters));
}

const errorLogs = new Set<Logbook>();
const printError = console.error;

/** The library prints every failed statement. Those belong into the log, not on the terminal. */
function captureErrors(logbook: Logbook): () => void {
  errorLogs.add(logbook);
  console.error = (...args: unknown[]) => {
    const error = args.find((arg) => arg instanceof Error);
    const isStatement = error?.name === "PostgresError" || error?.stack?.includes("@supabase/lite");
    if (!error || !isStatement) return printError(...args);
    for (const log of errorLogs) log.write("data-api", `${error.name}: ${error.message}`);
  };
  return () => {
    errorLogs.delete(logbook);
    if (errorLogs.size === 0) console.error = printError;
  };
}
