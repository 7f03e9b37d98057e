import assert from "node:assert/strict";
import { legacyKey } from "../../../local/keys.ts";
import { ACME, GLOBEX, onStage, type Stage } from "./stage.ts";
import { makeSigningKey, signWith, unsigned, userClaims } from "./tokens.ts";
import { withoutLeaks } from "./leaks.ts";

/** One row: what the headers are, and status and code at enqueue and at the worker. */
interface Row {
  what: string;
  headers: Record<string, string>;
  /** Added to the body of the enqueue. */
  tenant_id?: string;
  query?: string;
  enqueue: string;
  worker: string;
}

const UNAUTHENTICATED = "401 unauthenticated";
const FORBIDDEN = "403 forbidden";
const CONFLICT = "400 credential_conflict";
const HOUR = 3600;

/** Tokens that the Data API refuses. Enqueue passes its verdict on. */
async function badTokens(stage: Stage): Promise<[string, string][]> {
  const { keys, url } = stage.stack;
  const now = Math.floor(Date.now() / 1000);
  const claims = (changes = {}) => userClaims(url, ACME, changes);
  const known = await makeSigningKey("known");
  const stranger = await makeSigningKey("stranger");
  keys.signingKeys = [known.publicKey];
  const good = await signWith(keys.jwtSecret, claims());
  return [
    ["junk", "junk"],
    ["alg none", unsigned(claims())],
    ["an expired token", await signWith(keys.jwtSecret, claims({ exp: now - 60 }))],
    ["a token from the future", await signWith(keys.jwtSecret, claims({ nbf: now + HOUR }))],
    ["a token of another project", await signWith("x".repeat(32), claims({ iss: "https://a.co" }))],
    ["an unknown kid", await stranger.sign(claims())],
    ["a known kid, another key", await (await makeSigningKey("known")).sign(claims())],
    ["HS256 with the public key as secret", await signWith(known.pem, claims())],
    ["a token with changed claims", changed(good)],
    ["a token without signature", good.slice(0, good.lastIndexOf(".") + 1)],
  ];
}

function changed(token: string): string {
  const [head, body, signature] = token.split(".");
  const claims = JSON.parse(atob(body!.replaceAll("-", "+").replaceAll("_", "/")));
  claims.app_metadata.tenant_id = GLOBEX;
  return [head, btoa(JSON.stringify(claims)).replace(/=+$/, ""), signature].join(".");
}

/** The keys and tokens that rows are made of. */
async function credentialsOf(stage: Stage) {
  const { keys, publishableKey, secretKey, url } = stage.stack;
  const token = (tenantId?: string, changes = {}) =>
    signWith(keys.jwtSecret, userClaims(url, tenantId, changes));
  return {
    ...{ publishableKey, secretKey, token },
    bearer: (jwt: string) => ({ authorization: `Bearer ${jwt}`, apikey: publishableKey }),
    acme: await token(ACME),
    legacyAnon: await legacyKey(keys, "anon"),
    legacyService: await legacyKey(keys, "service_role"),
  };
}

type Credentials = Awaited<ReturnType<typeof credentialsOf>>;

const none = { enqueue: UNAUTHENTICATED, worker: UNAUTHENTICATED };

async function userRows({ acme, bearer, token }: Credentials): Promise<Row[]> {
  const user = { worker: UNAUTHENTICATED };
  return [
    {
      ...{ what: "a user without tenant", headers: bearer(await token()) },
      ...{ enqueue: FORBIDDEN, ...user },
    },
    {
      ...{ what: "a user who names another tenant", headers: bearer(acme), tenant_id: GLOBEX },
      ...{ enqueue: FORBIDDEN, ...user },
    },
    { what: "a user of a tenant", headers: bearer(acme), enqueue: "202", ...user },
    {
      ...{ what: "an anonymous user without tenant", enqueue: FORBIDDEN, ...user },
      headers: bearer(await token(undefined, { is_anonymous: true })),
    },
    {
      ...{ what: "an anonymous user whom the backend gave a tenant", enqueue: "202", ...user },
      headers: bearer(await token(ACME, { is_anonymous: true })),
    },
    {
      ...{ what: "a tenant in user_metadata", enqueue: FORBIDDEN, ...user },
      headers: bearer(await token(undefined, { user_metadata: { tenant_id: ACME } })),
    },
  ];
}

function keyRows(credentials: Credentials): Row[] {
  const { bearer, legacyAnon, legacyService, publishableKey, secretKey } = credentials;
  const wrong = (what: string, headers: Record<string, string>, query = ""): Row => ({
    ...{ what, headers, query, tenant_id: ACME, ...none },
  });
  return [
    { what: "a publishable key alone", headers: { apikey: publishableKey }, ...none },
    { what: "a legacy anon key", headers: { apikey: legacyAnon }, ...none },
    { what: "a legacy anon key as Bearer", headers: bearer(legacyAnon), ...none },
    {
      ...{ what: "a secret key with a tenant", headers: { apikey: secretKey }, tenant_id: ACME },
      ...{ enqueue: "202", worker: "202" },
    },
    {
      ...{ what: "a secret key without tenant", headers: { apikey: secretKey } },
      ...{ enqueue: "400 invalid_argument", worker: "202" },
    },
    {
      ...{ what: "the legacy service key", headers: { apikey: legacyService }, tenant_id: ACME },
      ...{ enqueue: "202", worker: "202" },
    },
    wrong("a secret key as Bearer", { authorization: `Bearer ${secretKey}` }),
    wrong("a secret key in the query", {}, `?apikey=${secretKey}`),
    wrong("a secret key with a space in it", { apikey: secretKey.replace("_s", "_ s") }),
    wrong("a secret key in upper case", { apikey: secretKey.toUpperCase() }),
    wrong("a secret key cut short", { apikey: secretKey.slice(0, -1) }),
  ];
}

async function conflictRows({ acme, secretKey, token }: Credentials): Promise<Row[]> {
  return [
    {
      ...{ what: "a user's token and a secret key", tenant_id: ACME },
      headers: { authorization: `Bearer ${acme}`, apikey: secretKey },
      ...{ enqueue: CONFLICT, worker: CONFLICT },
    },
    {
      what: "the tokens of two users",
      headers: { authorization: `Bearer ${acme}`, apikey: await token(GLOBEX) },
      ...{ enqueue: CONFLICT, worker: CONFLICT },
    },
  ];
}

async function rows(stage: Stage): Promise<Row[]> {
  const credentials = await credentialsOf(stage);
  const { bearer } = credentials;
  return [
    { what: "nothing", headers: {}, ...none },
    ...(await badTokens(stage)).map(([what, bad]) => ({ what, headers: bearer(bad), ...none })),
    ...await userRows(credentials),
    ...keyRows(credentials),
    ...await conflictRows(credentials),
  ];
}

async function verdict(response: Response): Promise<string> {
  const { code } = await (await withoutLeaks(response)).json();
  return code ? `${response.status} ${code}` : String(response.status);
}

Deno.test("each credential opens what it should, and nothing else", (t) =>
  onStage(async (stage) => {
    const base = `${stage.stack.url}/functions/v1`;
    for (const { what, headers, tenant_id, query = "", enqueue, worker } of await rows(stage)) {
      await t.step(`${what}: enqueue ${enqueue}, worker ${worker}`, async () => {
        const before = await countJobs(stage);
        const body = { type: "system.noop", payload: {}, ...(tenant_id ? { tenant_id } : {}) };
        const made = await fetch(`${base}/enqueue${query}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body),
        });
        assert.equal(await verdict(made), enqueue);
        const expected = enqueue === "202" ? [ACME] : [];
        assert.deepEqual((await countJobs(stage)).slice(before.length), expected);
        const run = await fetch(`${base}/worker${query}`, { method: "POST", headers });
        assert.equal(await verdict(run), worker);
      });
    }
  }));

/** The tenants of all jobs, oldest first. */
async function countJobs(stage: Stage): Promise<string[]> {
  const jobs = await stage.sql`select tenant_id from public.jobforge_jobs order by created_at, id`;
  return jobs.map((job) => job.tenant_id);
}
