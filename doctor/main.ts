import { examine } from "./checks.ts";
import { report } from "./finding.ts";
import { readProject } from "./project.ts";

try {
  const findings = await examine(readProject((name) => Deno.env.get(name)));
  console.log(Deno.args.includes("--json") ? JSON.stringify(findings, null, 2) : report(findings));
  Deno.exit(findings.every(({ ok }) => ok) ? 0 : 1);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  Deno.exit(2);
}
