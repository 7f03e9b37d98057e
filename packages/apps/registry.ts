import { createHash } from "node:crypto";
import { mustRun } from "./install.ts";

/** A registry on loopback with a few packages. */
export interface Registry {
  /** Its address, for NPM_CONFIG_REGISTRY. */
  url: string;
  /** Paths that were asked for. */
  requests: string[];
}

/** Runs a test with a registry that has these tarballs and nothing else. */
export async function withRegistry(
  tarballs: string[],
  use: (registry: Registry) => Promise<void>,
): Promise<void> {
  const packages = new Map<string, { manifest: Record<string, unknown>; bytes: Uint8Array }>();
  for (const tarball of tarballs) {
    const text = await mustRun(".", ["tar", "-xzOf", tarball, "package/package.json"]);
    const manifest = JSON.parse(text);
    packages.set(manifest.name, { manifest, bytes: await Deno.readFile(tarball) });
  }
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, origin } = new URL(request.url);
    requests.push(pathname);
    const [name, isTarball] = pathname.slice(1).split("/-/");
    const found = packages.get(decodeURIComponent(name!));
    if (!found) return new Response("not here", { status: 404 });
    if (isTarball) return new Response(found.bytes as Uint8Array<ArrayBuffer>);
    const version = String(found.manifest.version);
    const integrity = `sha512-${createHash("sha512").update(found.bytes).digest("base64")}`;
    const dist = { tarball: `${origin}/${name}/-/${name}-${version}.tgz`, integrity };
    return Response.json({
      ...{ name, "dist-tags": { latest: version } },
      versions: { [version]: { ...found.manifest, dist } },
    });
  });
  try {
    await use({ url: `http://127.0.0.1:${server.addr.port}/`, requests });
  } finally {
    await server.shutdown();
  }
}
