import { decodeJwt, SignJWT } from "jose";
import type { ProjectKeys } from "../keys.ts";
import type { Sql } from "../postgres/database.ts";

/** What completes an Auth server. */
export interface AuthDeps {
  /** The Auth server of the library, which has no admin API and signs tokens without metadata. */
  fetch(request: Request): Response | Promise<Response>;
  /** A connection of the owner of `auth.users`, or of `postgres`. */
  sql: Sql;
  keys: ProjectKeys;
  /** Returns whether a request has a secret key. */
  isAdmin(request: Request): Promise<boolean>;
}

type Json = Record<string, unknown>;

const USERS = /^\/auth\/v1\/admin\/users(?:\/([0-9a-f-]{36}))?$/;

/**
 * Returns a handler of requests below `/auth/v1`. Tokens have `app_metadata` and `user_metadata` of
 * their user, as on the platform, so a tenant that is set there arrives. With a secret key it
 * creates, reads, updates and deletes users: their metadata only, not passwords or addresses.
 */
export function completeAuth(deps: AuthDeps): (request: Request) => Promise<Response> {
  return async (request) => {
    const users = USERS.exec(new URL(request.url).pathname);
    if (!users || request.method === "OPTIONS") {
      return await withMetadata(request, await deps.fetch(request), deps.keys);
    }
    if (!await deps.isAdmin(request)) return refused(403, "not_admin", "User not allowed");
    const [, id] = users;
    if (request.method === "POST" && !id) return await createUser(request, deps);
    if (request.method === "GET" && !id) return Response.json({ users: await find(deps.sql) });
    const user = id && (await find(deps.sql, id))[0];
    if (!user) return refused(404, "user_not_found", "User not found");
    if (request.method === "GET") return Response.json(user);
    if (request.method === "PUT") return await updateUser(id, request, deps.sql);
    if (request.method !== "DELETE") return refused(405, "bad_method", "Method not allowed");
    await deps.sql`delete from auth.users where id = ${id}`;
    return Response.json({});
  };
}

/** Signs the token of an answer again, with the metadata of its user. */
async function withMetadata(
  request: Request,
  response: Response,
  { jwtSecret }: ProjectKeys,
): Promise<Response> {
  if (!response.ok || !response.headers.get("content-type")?.includes("json")) return response;
  const text = await response.text();
  const body = JSON.parse(text || "null");
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  const init = { status: response.status, headers };
  if (!body?.access_token || !body.user) return new Response(text, init);
  const { app_metadata, user_metadata } = body.user;
  const iss = `${new URL(request.url).origin}/auth/v1`;
  const claims = { ...decodeJwt(body.access_token), iss, app_metadata, user_metadata };
  const access_token = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(jwtSecret));
  return new Response(JSON.stringify({ ...body, access_token }), init);
}

async function createUser(request: Request, { fetch, sql, keys }: AuthDeps): Promise<Response> {
  const { email, password = crypto.randomUUID(), app_metadata, user_metadata } = await request
    .json();
  const signedUp = await fetch(
    new Request(new URL("/auth/v1/signup", request.url), {
      method: "POST",
      headers: { apikey: keys.publishableKey, "content-type": "application/json" },
      body: JSON.stringify({ email, password, data: user_metadata ?? {} }),
    }),
  );
  if (!signedUp.ok) return signedUp;
  const { user } = await signedUp.json();
  await sql`delete from auth.sessions where user_id = ${user.id}`;
  await setMetadata(sql, user.id, { app_metadata });
  return Response.json((await find(sql, user.id))[0]);
}

async function updateUser(id: string, request: Request, sql: Sql): Promise<Response> {
  const { app_metadata, user_metadata, ...others } = await request.json();
  const [other] = Object.keys(others);
  if (other) return refused(422, "unsupported", `this stack changes metadata only, not ${other}`);
  await setMetadata(sql, id, { app_metadata, user_metadata });
  return Response.json((await find(sql, id))[0]);
}

/** What is given joins what is there. A null removes its key. */
async function setMetadata(
  sql: Sql,
  id: string,
  { app_metadata = {}, user_metadata = {} }: { app_metadata?: Json; user_metadata?: Json },
): Promise<void> {
  const [app, user] = [sql.json(app_metadata as never), sql.json(user_metadata as never)];
  await sql`
    update auth.users
    set raw_app_meta_data = jsonb_strip_nulls(raw_app_meta_data || ${app}),
        raw_user_meta_data = jsonb_strip_nulls(raw_user_meta_data || ${user}),
        updated_at = now()
    where id = ${id}`;
}

async function find(sql: Sql, id: string | null = null): Promise<Json[]> {
  return await sql`
    select id, aud, role, email, email_confirmed_at, last_sign_in_at, created_at, updated_at,
      raw_app_meta_data as app_metadata, raw_user_meta_data as user_metadata
    from auth.users
    where id = coalesce(${id}, id)
    order by created_at`;
}

function refused(code: number, error_code: string, msg: string): Response {
  return Response.json({ code, error_code, msg }, { status: code });
}
