import assert from "node:assert/strict";
import { shortId } from "../app/format.ts";
import { shrinksTo } from "./browser.ts";
import { ACME, GLOBEX, type Stage } from "./stage.ts";

/** Jobs: listed, filtered, found, explained and changed. */
export const jobsSteps: Record<string, (stage: Stage) => Promise<void>> = {
  "jobs are listed newest first and filtered by status, type and tenant": async (stage) => {
    const done = await stage.enqueue({ payload: { echo: "fine" } });
    const failed = await stage.enqueue({ payload: { fail_attempts: 1, fail_with: "permanent" } });
    const other = await stage.enqueue({ type: "system.noop" }, GLOBEX);
    await stage.until(done, "succeeded");
    await stage.until(failed, "failed");
    await stage.until(other, "succeeded");
    await stage.visit("/jobs", async (page) => {
      const rows = page.locator("tbody tr");
      await rows.first().waitFor();
      assert.ok((await rows.first().innerText()).includes(shortId(other)));
      await page.getByLabel("failed").check();
      await page.getByRole("button", { name: "Filter" }).click();
      await shrinksTo(page, 1);
      await rows.filter({ hasText: shortId(failed) }).waitFor();
      assert.match(await rows.innerText(), /probe_failed/);
      await page.getByRole("link", { name: "Clear" }).click();
      await rows.nth(1).waitFor();
      await page.getByLabel("Tenant ID").fill(GLOBEX);
      await page.getByLabel("Tenant ID").press("Enter");
      await shrinksTo(page, 1);
      await rows.filter({ hasText: "system.noop" }).waitFor();
      await page.getByLabel("Type", { exact: true }).fill("no.such.type");
      await page.getByRole("button", { name: "Filter" }).click();
      await page.getByText("No job matches this filter.").waitFor();
    });
  },

  "older jobs are a page away, and back": async (stage) => {
    const type = "paging.job";
    const ids: string[] = [];
    for (let n = 0; n < 55; n++) ids.push(await stage.enqueue({ type, queue: "still" }));
    await stage.visit(`/jobs?type=${type}`, async (page) => {
      const rows = page.locator("tbody tr");
      await rows.nth(49).waitFor();
      await page.getByRole("link", { name: "Older" }).click();
      await shrinksTo(page, 5);
      await rows.filter({ hasText: shortId(ids[0]!) }).waitFor();
      await page.getByRole("link", { name: "Newest" }).click();
      await rows.filter({ hasText: shortId(ids[54]!) }).waitFor();
    });
  },

  "a job is found by its id, and an unknown one is not": async (stage) => {
    const id = await stage.enqueue({ queue: "still" });
    await stage.visit("/jobs", async (page) => {
      await page.getByLabel("Job ID").fill(id.replace(/.$/, (last) => last === "0" ? "1" : "0"));
      await page.getByRole("button", { name: "Find" }).click();
      await page.getByText("There is no such job.").waitFor();
      await page.getByLabel("Job ID").fill(id);
      await page.getByRole("button", { name: "Find" }).click();
      await page.getByRole("heading", { name: "Timeline" }).waitFor();
      assert.ok(page.url().endsWith(`/jobs/${ACME}/${id}`));
    });
  },

  "a job's page shows why it does not run, and changes by itself when it does": async (stage) => {
    await stage.rpc("jobforge_configure_queue", {
      ...{ p_tenant_id: ACME, p_queue: "halted", p_settings: { paused: true } },
    });
    const id = await stage.enqueue({ queue: "halted", payload: { echo: { nested: [1, "two"] } } });
    await stage.visit(`/jobs/${ACME}/${id}`, async (page) => {
      await page.getByText("Why is it not running?").waitFor();
      await page.getByText("Its queue is paused.").waitFor();
      await stage.rpc("jobforge_configure_queue", {
        ...{ p_tenant_id: ACME, p_queue: "halted", p_settings: { paused: false } },
      });
      await page.getByText("It has succeeded.").waitFor();
      await page.getByRole("heading", { name: "Result" }).waitFor();
      await page.getByText("attempt 1 succeeded").waitFor();
    });
  },

  "a job is rescheduled, canceled and retried, each after a question": async (stage) => {
    const id = await stage.enqueue({ queue: "still" });
    await stage.visit(`/jobs/${ACME}/${id}`, async (page) => {
      await page.getByRole("button", { name: "Reschedule" }).click();
      await page.getByLabel("Not before").fill("2027-01-01T12:00");
      await page.getByRole("button", { name: "Reschedule 1 job" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.getByText("It waits for its run_at.").or(page.getByText("Its queue is paused."))
        .waitFor();
      await page.locator(".status.scheduled").waitFor();
      await page.getByRole("button", { name: "Cancel", exact: true }).click();
      await page.getByRole("button", { name: "Keep job" }).click();
      await page.getByRole("button", { name: "Cancel", exact: true }).click();
      await page.getByRole("heading", { name: "Cancel 1 job?" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Cancel", exact: true }).click();
      await page.getByRole("heading", { name: "Cancel 1 job?" }).waitFor();
      await page.getByRole("button", { name: "Cancel 1 job" }).click();
      await page.getByText("It was canceled").waitFor();
      await page.getByRole("button", { name: "Retry" }).click();
      await page.getByRole("button", { name: "Retry 1 job" }).click();
      await page.getByText("Why is it not running?").waitFor();
    });
    const audited = await stage.sql`
      select action from public.jobforge_audit_log where target = ${id} order by id
    `;
    assert.deepEqual(audited.map(({ action }) => action), [
      "reschedule_job",
      "cancel_job",
      "retry_job",
    ]);
  },

  "a change that the database rejects shows the error and leaves the dialog open": async (
    stage,
  ) => {
    const id = await stage.enqueue({ queue: "still" });
    await stage.visit(`/jobs/${ACME}/${id}`, async (page) => {
      await page.getByRole("button", { name: "Reschedule" }).click();
      await page.getByLabel("Not before").fill("2099-01-01T12:00");
      await page.getByRole("button", { name: "Reschedule 1 job" }).click();
      await page.getByRole("dialog").getByText("must be within 366 days").waitFor();
    });
  },

  "a hostile payload, error and key are text": async (stage) => {
    const markup = '<img src=x onerror="hacked=1"><script>hacked=1</script>';
    const id = await stage.enqueue({
      queue: "still",
      idempotency_key: markup,
      payload: {
        [markup]: markup,
        direction: "invoice\u202Efdp.exe",
        control: "a\u0001b\u001bc",
        escaped: "\\u0000 is not null",
        long: "x".repeat(200_000),
        members: Array.from({ length: 250 }, (_, n) => n),
      },
    });
    await stage.sql`
      update jobforge.jobs
      set last_error = ${stage.sql.json({ code: "odd", message: markup + "\u202E" })}
      where id = ${id}
    `;
    await stage.visit(`/jobs/${ACME}/${id}`, async (page) => {
      await page.getByText("Last error:").waitFor();
      const text = await page.locator("main").innerText();
      assert.ok(text.includes(`${markup}: "${markup}"`));
      assert.ok(text.includes("invoice\\u202efdp.exe"));
      assert.ok(text.includes("a\\u0001b\\u001bc"));
      assert.ok(text.includes("\\u0000 is not null"));
      assert.ok(!text.includes("\u202e") && !text.includes("\u0001"));
      assert.equal(await page.locator("main img, main script, main iframe").count(), 0);
      await page.getByRole("button", { name: "Show all 200,000 characters" }).click();
      await page.getByRole("button", { name: "Show 150 more" }).click();
      assert.equal(await page.evaluate("typeof hacked"), "undefined");
    });
  },
};
