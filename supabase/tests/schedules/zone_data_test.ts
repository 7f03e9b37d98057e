import assert from "node:assert/strict";
import { npx, OLD_DENO } from "../../../local/checks/command.ts";

const PROGRAM = `
  import { localTimes } from "./shared/core/calendar.ts";
  const window = { after: "2026-01-01T00:00", count: 400 };
  console.log(localTimes("30 2,23 * * *", window).join());`;

async function timesOn(deno: string, zone: string): Promise<string> {
  const { stdout, stderr } = await npx(deno, ["eval", "--no-lock", PROGRAM], { env: { TZ: zone } });
  assert.match(stdout, /^2026-01-01T02:30,2026-01-01T23:30,2026-01-02T02:30/, stderr);
  return stdout;
}

Deno.test("local times depend on no zone data: in any zone, on each Deno, they are the same", async () => {
  const expected = await timesOn(OLD_DENO, "UTC");
  for (const deno of [OLD_DENO, `deno@${Deno.version.deno}`]) {
    for (const zone of ["America/Asuncion", "Europe/Berlin", "America/Nuuk"]) {
      assert.equal(await timesOn(deno, zone), expected, `${deno} in ${zone}`);
    }
  }
});
