/** The dashboard in a real browser: `deno task test:browser`. */
import { accessSteps } from "./access_steps.ts";
import { destinationSteps } from "./destination_steps.ts";
import { guardSteps } from "./guard_steps.ts";
import { jobsSteps } from "./jobs_steps.ts";
import { liveSteps } from "./live_steps.ts";
import { operationsSteps } from "./operations_steps.ts";
import { ACME, onStage } from "./stage.ts";
import { tenantSteps } from "./tenant_steps.ts";

const STEPS = {
  ...guardSteps,
  ...jobsSteps,
  ...operationsSteps,
  ...destinationSteps,
  ...tenantSteps,
  ...accessSteps,
  ...liveSteps,
};
const only = Deno.env.get("JOBFORGE_BROWSER_STEP");

Deno.test("the dashboard in Chromium", async (t) => {
  await onStage(async (stage) => {
    await stage.rpc("jobforge_configure_queue", {
      p_tenant_id: ACME,
      p_queue: "still",
      p_settings: { paused: true },
    });
    for (const [name, step] of Object.entries(STEPS)) {
      if (!only || name.includes(only)) await t.step(name, () => step(stage));
    }
  });
});
