import type { EdgeFunction } from "../edge/function.ts";
import { StackError } from "../errors.ts";
import type { Logbook } from "../logbook.ts";
import type { DataApi } from "../stand_ins/data_api.ts";
import type { Realtime } from "../stand_ins/realtime.ts";

const FUNCTIONS = "/functions/v1";

/** Request handler of the stack: routes by path as the platform's gateway does. */
export function gateway(
  api: DataApi,
  realtime: Realtime,
  functions: Map<string, EdgeFunction>,
  logbook: Logbook,
): Deno.ServeHandler<Deno.NetAddr> {
  return async (request, info) => {
    const { pathname } = new URL(request.url);
    const preflight = request.headers.has("access-control-request-method");
    if (pathname.startsWith("/rest/v1") || pathname.startsWith("/auth/v1")) {
      return request.method === "OPTIONS" && preflight
        ? allowed(request)
        : readable(await api.fetch(request));
    }
    if (pathname === "/realtime/v1/websocket") return await realtime.fetch(request);
    const name = /^\/functions\/v1\/([^/]+)/.exec(pathname)?.[1];
    const target = name === undefined ? undefined : functions.get(name);
    if (!name || !target) return notFound(pathname);
    return await forward(request, info, name, target, logbook);
  };
}

/** Lets pages of every origin read an answer, as the platform's gateway does. */
function readable(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  headers.delete("access-control-allow-credentials");
  return new Response(response.body, { status: response.status, headers });
}

/** Answers preflights of the Data API and of Auth itself, as the platform's gateway does. */
function allowed(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "",
      "access-control-max-age": "3600",
    },
  });
}

/** Passes a request on to a function, which sees its path from `/<name>` on. */
async function forward(
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
  name: string,
  target: EdgeFunction,
  logbook: Logbook,
): Promise<Response> {
  const gone = new AbortController();
  info.completed.catch(() => gone.abort());
  try {
    const port = await target.port();
    const url = new URL(request.url);
    const path = url.pathname.slice(FUNCTIONS.length) + url.search;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: request.method,
      headers: forwardedHeaders(request, url, info.remoteAddr.hostname),
      body: request.body,
      redirect: "manual",
      signal: gone.signal,
    });
    return new Response(response.body, response);
  } catch (error) {
    if (gone.signal.aborted) return new Response(null, { status: 499 });
    logbook.write("gateway", `${name}: ${error instanceof Error ? error.message : error}`);
    // The connection may break before the process ends. The next request must find the end.
    await target.awaitEnd();
    return error instanceof StackError
      ? platformError(503, "BOOT_ERROR", "Function failed to start (please check logs)")
      : platformError(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
  }
}

function forwardedHeaders(request: Request, url: URL, client: string): Headers {
  const headers = new Headers(request.headers);
  // fetch would decompress the answer and pass on a header that no longer holds.
  headers.set("accept-encoding", "identity");
  headers.set("x-forwarded-for", client);
  headers.set("x-forwarded-proto", "http");
  headers.set("x-forwarded-host", url.hostname);
  headers.set("x-forwarded-port", url.port);
  return headers;
}

function notFound(pathname: string): Response {
  if (pathname.startsWith(`${FUNCTIONS}/`)) {
    return platformError(404, "NOT_FOUND", "Requested function was not found");
  }
  return Response.json({ message: "no Route matched with those values" }, { status: 404 });
}

function platformError(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { "sb-error-code": code } });
}
