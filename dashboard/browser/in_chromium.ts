/** The dashboard in a real browser: `deno task test:browser`. */
import { jobsSteps } from "./jobs_steps.ts";
import { onStage } from "./stage.ts";

const STEPS = { ...jobsSteps };

Deno.test("the dashboard in Chromium", async (t) => {
  await onStage(async (stage) => {
    await stage.rpc("jobforge_configure_queue", {
      p_tenant_id: "11111111-1111-4111-8111-111111111111",
      p_queue: "still",
      p_settings: { paused: true },
    });
    for (const [name, step] of Object.entries(STEPS)) await t.step(name, () => step(stage));
  });
});
