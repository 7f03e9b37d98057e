import assert from "node:assert/strict";
import { eventually, onStage } from "./stage.ts";

Deno.test("a project without a URL learns it from the worker, and from no header", () =>
  onStage(async ({ sql, stack }) => {
    const url = `${stack.url}/functions/v1/worker/health`;
    await sql`update jobforge.settings set project_url = null`;
    // An isolate looks at most once in ten seconds.
    const stored = await eventually("the URL", async () => {
      const response = await fetch(url, { headers: { "x-forwarded-host": "evil.example.com" } });
      await response.body?.cancel();
      assert.equal(response.status, 200);
      const [row] = await sql`select project_url from jobforge.settings`;
      return row!.project_url ?? undefined;
    });
    assert.equal(stored, stack.url);
  }));
