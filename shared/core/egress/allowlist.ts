import { canonicalAddress } from "./cidr.ts";
import { isName, isReserved } from "./host.ts";

/**
 * Suffixes under which any customer may register or deploy. A wildcard there would allow all of
 * them.
 */
export const PUBLIC_SUFFIXES: ReadonlySet<string> = new Set([
  ...["co.uk", "org.uk", "ac.uk", "gov.uk", "com.au", "net.au", "org.au", "co.nz", "co.jp"],
  ...["co.kr", "co.in", "co.za", "com.br", "com.cn", "com.mx", "com.tr", "com.tw", "com.sg"],
  ...["github.io", "gitlab.io", "vercel.app", "netlify.app", "pages.dev", "workers.dev"],
  ...["herokuapp.com", "fly.dev", "onrender.com", "web.app", "firebaseapp.com", "run.app"],
  ...["azurewebsites.net", "cloudfront.net", "amazonaws.com", "appspot.com", "supabase.co"],
  ...["ngrok.io", "ngrok.app", "ngrok-free.app", "trycloudflare.com", "deno.dev", "nip.io"],
  ...["sslip.io", "surge.sh", "glitch.me", "repl.co", "r2.dev", "netlify.com", "vercel.dev"],
]);

/**
 * Returns whether a text is valid in an allow-list: a name (`api.example.com`), an address, or a
 * wildcard. What no host can match is not. A wildcard `*.example.com` is exactly one label below a name that is not a public
 * suffix.
 */
export function isHostPattern(pattern: string): boolean {
  if (!pattern.startsWith("*.")) {
    return canonicalAddress(pattern) === pattern || isName(pattern) && !isReserved(pattern);
  }
  const base = pattern.slice(2);
  // A host has one character at least in place of the star.
  return isName(`x.${base}`) && isName(base) && canonicalAddress(base) === undefined &&
    !isReserved(base) && !PUBLIC_SUFFIXES.has(base);
}

/** Returns whether a checked host is on a list. An empty list allows no host. */
export function isHostAllowed(host: string, patterns: readonly string[]): boolean {
  const dot = host.indexOf(".");
  const wildcard = canonicalAddress(host) === undefined ? `*${host.slice(dot)}` : undefined;
  return patterns.some((pattern) =>
    (pattern === host || pattern === wildcard) && isHostPattern(pattern)
  );
}
