import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { EVENT_TYPE, RESOURCE_NAME, TYPE_NAME } from "../../../shared/core/job/names.ts";
import { SCHEME_NAMES } from "../../../shared/core/webhook/scheme.ts";

Deno.test("the rules of names and the webhook schemes are those of TypeScript", async () => {
  await withDatabase(async ({ sql }) => {
    const [row] = await sql`
      select jobforge.name_pattern() as name, jobforge.type_pattern() as type,
        jobforge.webhook_schemes() as schemes,
        jobforge.event_type_pattern() as event_type
    `;
    const expected = {
      name: RESOURCE_NAME.source,
      type: TYPE_NAME.source,
      schemes: [...SCHEME_NAMES],
      event_type: EVENT_TYPE.source,
    };
    assert.deepEqual({ ...row }, expected);
  });
});
