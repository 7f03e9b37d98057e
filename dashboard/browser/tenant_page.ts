import { buildView } from "../build.ts";

/** An application's own page with the tenant's view in it. */
export interface TenantPage {
  url: string;
  stop(): Promise<void>;
}

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Application</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="jobforge-dashboard.css">
<script type="module" src="application.js"></script></head>
<body><p>An application</p><div id="jobs"></div></body></html>`;

const APPLICATION = `
import { mountDashboard } from "./jobforge-dashboard.js";
const { token, ...session } = await (await fetch("session.json")).json();
const accessToken = () => token;
mountDashboard(document.getElementById("jobs"), { ...session, accessToken });
`;

/** Serves the page with a user's token, under a policy as strict as the operator's. */
export async function serveTenantPage(
  session: {
    supabaseUrl: string;
    publishableKey: string;
    token: string;
    user: string;
    manageDestinations?: boolean;
  },
): Promise<TenantPage> {
  const { script, styles } = await buildView("tenant");
  const policy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
    `connect-src 'self' ${session.supabaseUrl}; require-trusted-types-for 'script'`;
  const files: Record<string, [string, BodyInit]> = {
    "/": ["text/html", PAGE],
    "/application.js": ["text/javascript", APPLICATION],
    "/jobforge-dashboard.js": ["text/javascript", script],
    "/jobforge-dashboard.css": ["text/css", styles],
    "/session.json": ["application/json", JSON.stringify(session)],
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const file = files[new URL(request.url).pathname];
    if (!file) return new Response(null, { status: 204 });
    const headers = { "content-type": file[0], "content-security-policy": policy };
    return new Response(file[1], { headers });
  });
  return { url: `http://127.0.0.1:${server.addr.port}/`, stop: () => server.shutdown() };
}
