import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { shortId } from "../app/format.ts";
import { CALLS, TENANT_CALLS } from "../contract/calls.ts";
import { type ReadName, readPath, READS } from "../contract/reads.ts";
import { pageErrors, person } from "./browser.ts";
import { ACME, GLOBEX, type Stage } from "./stage.ts";
import { serveTenantPage } from "./tenant_page.ts";

/** The tenant's view in an application's page, and the data its user cannot reach. */
export const tenantSteps: Record<string, (stage: Stage) => Promise<void>> = {
  "a user sees and changes the own tenant's jobs in an application's page": async (stage) => {
    const own = await stage.enqueue({ type: "own.job", queue: "still" });
    await stage.enqueue({ type: "foreign.job", queue: "default" }, GLOBEX);
    await asUser(stage, async (page) => {
      await page.getByText("your jobs").waitFor();
      await page.getByText("Attempts per minute").waitFor();
      assert.equal(await page.getByRole("heading", { name: "Runs" }).count(), 0);
      assert.equal(await page.getByRole("heading", { name: "Alerts" }).count(), 0);
      await page.getByRole("link", { name: "Jobs", exact: true }).click();
      const row = page.locator("tbody tr").filter({ hasText: shortId(own) });
      await row.waitFor();
      assert.equal(await page.getByText("foreign.job").count(), 0);
      await row.getByRole("link").click();
      await page.getByText("Its queue is paused.").waitFor();
      await page.getByRole("button", { name: "Cancel", exact: true }).click();
      await page.getByRole("button", { name: "Cancel 1 job" }).click();
      await page.getByText("It was canceled").waitFor();
      assert.ok(!page.url().includes("#"));
    });
  },

  "every page of the tenant's view works without an operator's rights": async (stage) => {
    await asUser(stage, async (page) => {
      for (const title of ["Queues", "Retry", "Schedules", "Webhooks", "Destinations", "Audit"]) {
        await page.getByRole("link", { name: title, exact: true }).click();
        await page.locator(".loading").first().waitFor({ state: "detached" });
        await page.locator("h1").waitFor();
        assert.equal(await page.locator(".failure").count(), 0, title);
        assert.equal(await page.getByRole("button", { name: "Limits" }).count(), 0);
        assert.equal(await page.getByText(shortId(GLOBEX)).count(), 0, title);
      }
      await page.getByRole("link", { name: "Retry", exact: true }).click();
      await page.getByRole("button", { name: "Count" }).click();
      await page.getByText(/would be changed|No job matches/).first().waitFor();
    });
  },

  "a user sees the tenant's destinations, and changes them only if the page offers it": async (
    stage,
  ) => {
    await stage.rpc("jobforge_set_secret", {
      ...{ p_tenant_id: ACME, p_name: "signing" },
      p_value: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    });
    await stage.rpc("jobforge_configure_destination", {
      ...{ p_tenant_id: ACME, p_name: "of-acme" },
      p_settings: { url: "https://hooks.example.com/in", secret: "signing" },
    });
    await asUser(stage, async (page) => {
      await page.getByRole("link", { name: "Destinations", exact: true }).click();
      const row = page.locator("tbody tr").filter({ hasText: "of-acme" });
      await row.getByRole("button", { name: "Test" }).waitFor();
      assert.equal(await page.getByRole("button", { name: "Create destination" }).count(), 0);
      assert.equal(await row.getByRole("button", { name: "Delete" }).count(), 0);
    });
    const settings = { users_manage_destinations: true };
    await stage.rpc("jobforge_configure_publishing", { p_settings: settings });
    await asUser(stage, createAndRotate, { manageDestinations: true });
    const [left] = await stage.sql`
      select count(*)::int as secrets from jobforge.secrets
      where tenant_id = ${ACME} and name like 'webhook-%' and vault_id is not null`;
    assert.equal(left!.secrets, 0, "no secret is left of what was rejected or deleted");
  },

  "another tenant's job is as unknown as no job": async (stage) => {
    const foreign = await stage.enqueue({ type: "foreign.job" }, GLOBEX);
    await asUser(stage, async (page) => {
      await page.getByRole("link", { name: "Jobs", exact: true }).click();
      await page.getByLabel("Job ID").fill(foreign);
      await page.getByRole("button", { name: "Find" }).click();
      await page.getByText("There is no such job.").waitFor();
    });
  },

  "a user of several tenants chooses whose destinations to see": async (stage) => {
    for (const p_tenant_id of [ACME, GLOBEX]) {
      await stage.rpc("jobforge_set_secret", {
        ...{ p_tenant_id, p_name: "signing" },
        p_value: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
      });
      await stage.rpc("jobforge_configure_destination", {
        ...{ p_tenant_id, p_name: p_tenant_id === ACME ? "of-acme" : "of-globex" },
        p_settings: { url: "https://hooks.example.com/in", secret: "signing" },
      });
    }
    await asUser(stage, async (page) => {
      await page.getByRole("link", { name: "Destinations", exact: true }).click();
      await page.getByText("Choose a tenant to see its destinations.").waitFor();
      await page.getByRole("link", { name: GLOBEX }).click();
      await page.getByRole("link", { name: "of-globex" }).waitFor();
      assert.equal(await page.getByText("of-acme").count(), 0);
      await page.getByRole("link", { name: ACME }).click();
      await page.getByRole("link", { name: "of-acme" }).waitFor();
      assert.equal(await page.getByText("of-globex").count(), 0);
    }, { tenantIds: [ACME, GLOBEX] });
  },

  "no read and no call of the view reaches another tenant": async (stage) => {
    const foreign = await stage.enqueue({ type: "foreign.job" }, GLOBEX);
    const parameters: Record<string, string> = { tenant: GLOBEX, job: foreign, endpoint: foreign };
    const paths = Object.entries(READS).map(([name, { parameters: known }]) => {
      const given = Object.keys(known).filter((parameter) => parameter in parameters);
      const entries = given.map((parameter) => [parameter, parameters[parameter]!]);
      return readPath(name as ReadName, Object.fromEntries(entries));
    });
    const values: Record<string, unknown> = {
      p_tenant_id: GLOBEX,
      p_job_id: foreign,
      p_queue: "default",
      p_settings: { paused: true },
      p_run_at: new Date().toISOString(),
      p_from: new Date(Date.now() - 3_600_000).toISOString(),
      p_to: new Date().toISOString(),
      p_step_seconds: 60,
      p_name: "theirs",
      p_destination: "theirs",
      p_message_id: foreign,
      p_since: new Date(0).toISOString(),
      p_value: "a value of a secret",
      p_schedule_id: foreign,
      p_dry_run: false,
    };
    const calls = Object.entries({ ...CALLS, ...TENANT_CALLS }).map(([name, args]) => {
      const given = (args as readonly string[]).filter((arg) =>
        arg in values && !(name === "jobforge_list_jobs" && arg === "p_from")
      );
      return [name, Object.fromEntries(given.map((arg) => [arg, values[arg]]))] as const;
    });
    await asUser(stage, async (page, token) => {
      const headers = { apikey: stage.stack.publishableKey, authorization: `Bearer ${token}` };
      const answers = await page.evaluate(async ({ base, headers, paths, calls }) => {
        const seen: string[] = [];
        for (const path of paths) {
          const rows = await (await fetch(`${base}${path}`, { headers })).json();
          if (!Array.isArray(rows) || rows.length > 0) seen.push(path);
        }
        for (const [name, args] of calls) {
          const response = await fetch(`${base}/rest/v1/rpc/${name}`, {
            method: "POST",
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify(args),
          });
          if (response.ok) seen.push(`${name} ${await response.text()}`);
        }
        return seen;
      }, { base: stage.stack.url, headers, paths, calls });
      assert.deepEqual(answers, []);
    });
    const [job] = await stage.sql`
      select cancel_requested_at from public.jobforge_jobs where id = ${foreign}
    `;
    assert.equal(job!.cancel_requested_at, null);
  },
};

const SECRET = /whsec_[A-Za-z0-9+/]{43}=/;

/** Creates a destination with a secret of its own, rotates the secret and deletes both. */
async function createAndRotate(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Destinations", exact: true }).click();
  await page.getByRole("button", { name: "Create destination" }).click();
  await page.getByLabel("Name").fill("by-a-user");
  await page.getByLabel("URL").fill("https://db.internal/in");
  await page.getByLabel("Event types").fill("order.* bill.sent");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("dialog").getByText("invalid_argument").waitFor();
  await page.getByLabel("URL").fill("https://hooks.example.com/in");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const first = await page.getByText(SECRET).innerText();
  const row = page.locator("tbody tr").filter({ hasText: "by-a-user" });
  await row.getByText("order.* bill.sent").waitFor();
  await row.getByRole("button", { name: "Rotate secret" }).click();
  await page.getByRole("button", { name: "Rotate", exact: true }).click();
  await row.getByText("version 2").waitFor();
  await row.getByText(/version 1 until /).waitFor();
  assert.notEqual(await page.getByText(SECRET).innerText(), first);
  await row.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete destination" }).click();
  await row.waitFor({ state: "detached" });
  assert.equal(await page.getByText(SECRET).count(), 0, "the secret is shown once");
}

async function asUser(
  stage: Stage,
  use: (page: Page, token: string) => Promise<void>,
  { tenantIds, ...options }: { manageDestinations?: boolean; tenantIds?: string[] } = {},
): Promise<void> {
  const { url: supabaseUrl, publishableKey } = stage.stack;
  const tenants = tenantIds ? { tenantIds } : { tenantId: ACME };
  const token = await stage.stack.signUserToken({ ...tenants, sub: "user-of-acme" });
  const session = { supabaseUrl, publishableKey, token, user: "user-of-acme", ...options };
  const application = await serveTenantPage(session);
  const context = await person(stage.browser);
  try {
    const page = await context.newPage();
    const errors = pageErrors(page);
    await page.goto(application.url);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await use(page, token);
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
    await application.stop();
  }
}
