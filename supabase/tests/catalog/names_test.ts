import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { RESOURCE_NAME, TYPE_NAME } from "../../../shared/core/job/names.ts";
import { SCHEME_NAMES } from "../../../shared/core/webhook/scheme.ts";

Deno.test("the rules of names and the webhook schemes are those of TypeScript", async () => {
  await withDatabase(async ({ sql }) => {
    const [row] = await sql`
      select jobforge.name_pattern() as name, jobforge.type_pattern() as type,
        jobforge.webhook_schemes() as schemes
    `;
    const expected = {
      name: RESOURCE_NAME.source,
      type: TYPE_NAME.source,
      schemes: [...SCHEME_NAMES],
    };
    assert.deepEqual({ ...row }, expected);
  });
});
