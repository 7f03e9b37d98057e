/** A function as a deploy uploads it. */
export interface Upload {
  /** What the CLI sends about it: entry point, import map, `verify_jwt`. */
  metadata: Record<string, unknown>;
  /** Contents by path from the root of the project. */
  files: Map<string, Uint8Array>;
}

/** Supabase's management API as far as `functions deploy` uses it, on loopback. */
export interface ManagementApi {
  url: string;
  /** What was uploaded, by name of the function. */
  uploads: Map<string, Upload>;
  /** Names of the functions that were put into service at the end. */
  activated: string[];
  /** Calls it does not know: a newer CLI may make them. */
  unknown: string[];
  stop(): Promise<void>;
}

/** Starts a management API that keeps what it is sent. */
export function startManagementApi(): ManagementApi {
  const uploads = new Map<string, Upload>();
  const activated: string[] = [];
  const unknown: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const call = `${request.method} ${pathname.replace(/\/projects\/[a-z]{20}/, "/projects/:ref")}`;
    const slug = searchParams.get("slug") ?? "";
    if (call === "POST /v1/projects/:ref/functions/deploy") {
      uploads.set(slug, await readUpload(request));
      return Response.json(deployed(slug), { status: 201 });
    }
    if (call === "PUT /v1/projects/:ref/functions") {
      const functions: { slug: string }[] = await request.json();
      activated.push(...functions.map((each) => each.slug));
      return Response.json({ functions: functions.map((each) => deployed(each.slug)) });
    }
    if (call === "GET /v1/projects/:ref/functions") return Response.json([]);
    if (call === "GET /v1/projects/:ref") return Response.json(PROJECT);
    unknown.push(call);
    return Response.json({ message: "unknown to this stand-in" }, { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    uploads,
    activated,
    unknown,
    stop: () => server.shutdown(),
  };
}

async function readUpload(request: Request): Promise<Upload> {
  const form = await request.formData();
  const files = new Map<string, Uint8Array>();
  for (const part of form.getAll("file")) {
    if (part instanceof File) files.set(part.name, await part.bytes());
  }
  const metadata = form.get("metadata");
  const text = metadata instanceof File ? await metadata.text() : metadata ?? "{}";
  return { metadata: JSON.parse(text), files };
}

function deployed(slug: string) {
  const paths = { entrypoint_path: "index.ts", import_map_path: "deno.json", verify_jwt: false };
  const times = { created_at: 1, updated_at: 1 };
  return { id: slug, slug, name: slug, status: "ACTIVE", version: 1, ...times, ...paths };
}

const PROJECT = {
  id: "a".repeat(20),
  ref: "a".repeat(20),
  organization_id: "organization",
  name: "project",
  region: "eu-west-1",
  created_at: "2026-01-01T00:00:00Z",
  status: "ACTIVE_HEALTHY",
  database: { host: "db", version: "17", postgres_engine: "17", release_channel: "ga" },
};
