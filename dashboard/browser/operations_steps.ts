import assert from "node:assert/strict";
import { ACME, go, type Stage } from "./stage.ts";

/** Queues, bulk changes, schedules, webhooks and the audit log. */
export const operationsSteps: Record<string, (stage: Stage) => Promise<void>> = {
  "the overview counts ready, running and failed jobs": async (stage) => {
    await stage.sql`select jobforge.roll_up(clock_timestamp())`;
    await stage.visit("/", async (page) => {
      await page.getByText("Attempts per minute").waitFor();
      await page.getByText("No open alerts.").waitFor();
      await page.getByRole("heading", { name: "Runs" }).waitFor();
      await page.getByRole("img", { name: /Within this span \d+ attempts succeeded/ }).waitFor();
      await page.locator(".plot canvas").first().waitFor();
      await page.getByRole("button", { name: "24 hours" }).click();
      await page.locator(".plot canvas").nth(1).waitFor();
      await page.getByRole("link", { name: /Failed or dead, 1 hour/ }).click();
      await page.getByRole("heading", { name: "Jobs" }).waitFor();
      assert.ok(await page.getByLabel("dead").isChecked());
    });
  },

  "alerts appear in their words, the worst first, with links": async (stage) => {
    await stage.sql`
      insert into jobforge.alerts
        (rule, subject, severity, message, value, threshold, opened_at, seen_at)
      values ('runs_lost', 'project', 'warning', 'Workers <b>vanish</b>.', 9, 3, now(), now()),
        ('jobs_failing', 'test.job', 'critical', 'Half of them fail.', 9, 3, now(), now())
    `;
    await stage.visit("/", async (page) => {
      await page.getByText("Workers <b>vanish</b>.").waitFor();
      assert.match(await page.locator(".alerts li").first().innerText(), /Half of them fail/);
      await page.getByRole("link", { name: "Half of them fail." }).click();
      await page.getByRole("heading", { name: "Jobs" }).waitFor();
      await go(page, "/nonsense");
      await page.getByRole("heading", { name: "No such page" }).waitFor();
    });
    await stage.sql`update jobforge.alerts set closed_at = now() where closed_at is null`;
  },

  "a queue is paused, resumed and limited, and the question names its jobs": async (stage) => {
    await stage.rpc("jobforge_configure_queue", {
      ...{ p_tenant_id: ACME, p_queue: "imports", p_settings: { max_running: 0 } },
    });
    for (let n = 0; n < 3; n++) await stage.enqueue({ queue: "imports" });
    await stage.visit(`/queues?tenant=${ACME}`, async (page) => {
      const row = page.locator("tbody tr").filter({ hasText: "imports" });
      await row.getByRole("button", { name: "Pause" }).click();
      await page.getByText("3 jobs and all new jobs wait").waitFor();
      await page.getByRole("button", { name: "Pause queue" }).click();
      await row.getByText("paused").waitFor();
      await row.getByRole("button", { name: "Resume" }).click();
      await page.getByRole("button", { name: "Resume queue" }).click();
      await row.getByText("open", { exact: true }).waitFor();
      await row.getByRole("button", { name: "Limits" }).click();
      await page.getByText("The queue has 3 jobs queued.").waitFor();
      await page.getByLabel("Max queued").fill("500");
      await page.getByLabel("Max running").fill("");
      await page.getByLabel("Weight").fill("-1");
      await page.getByRole("button", { name: "Change limits" }).click();
      await page.getByRole("dialog").getByText("out of range").waitFor();
      await page.getByLabel("Weight").fill("2.5");
      await page.getByRole("button", { name: "Change limits" }).click();
      await row.getByText("weight 2.5, 500 queued").waitFor();
    });
    const [queue] = await stage.sql`
      select max_running, max_queued, weight, paused from public.jobforge_queues
      where tenant_id = ${ACME} and queue = 'imports'
    `;
    assert.deepEqual(queue, { max_running: null, max_queued: 500, weight: 2.5, paused: false });
  },

  "failed jobs are counted without a change, then retried": async (stage) => {
    const ids: string[] = [];
    for (let n = 0; n < 4; n++) {
      ids.push(
        await stage.enqueue({
          type: "system.probe",
          queue: "default",
          payload: { fail_attempts: 1, fail_with: "permanent", echo: "retry" },
        }, ACME),
      );
    }
    for (const id of ids) await stage.until(id, "failed");
    const [before] = await stage.sql`
      select count(*)::int as failed from public.jobforge_jobs
      where tenant_id = ${ACME} and status in ('dead', 'failed') and queue = 'default'
    `;
    await stage.visit(`/bulk?tenant=${ACME}&queue=default`, async (page) => {
      await page.getByRole("button", { name: "Count" }).click();
      await page.getByText(`${before!.failed} jobs would be changed.`).waitFor();
      const [still] = await stage.sql`
        select status from public.jobforge_jobs where id = ${ids[0]!}
      `;
      assert.equal(still!.status, "failed");
      await page.getByRole("button", { name: `Retry ${before!.failed} jobs` }).click();
      await page.getByRole("dialog").getByRole("button", { name: /^Retry/ }).click();
      await page.getByText(`${before!.failed} jobs retried.`).waitFor();
    });
    for (const id of ids) await stage.until(id, "succeeded");
  },

  "waiting jobs are canceled by filter, others stay": async (stage) => {
    const one = await stage.enqueue({ type: "bulk.one", queue: "still" });
    const other = await stage.enqueue({ type: "bulk.other", queue: "still" });
    await stage.visit("/bulk", async (page) => {
      await page.getByRole("button", { name: "Cancel", exact: true }).click();
      await page.getByLabel("Tenant ID").fill(ACME);
      await page.getByLabel("Type").fill("bulk.one");
      await page.getByRole("button", { name: "Count" }).click();
      await page.getByRole("button", { name: "Cancel 1 job" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Cancel 1 job" }).click();
      await page.getByText("1 job canceled.").waitFor();
    });
    await stage.until(one, "canceled");
    await stage.until(other, "queued");
  },

  "a schedule shows its next runs, runs now and is paused": async (stage) => {
    await stage.rpc("jobforge_configure_schedule", {
      p_tenant_id: ACME,
      p_name: "hourly",
      p_settings: { type: "system.noop", expression: "3600 seconds" },
    });
    await stage.visit("/schedules", async (page) => {
      const row = page.locator("tbody tr").filter({ hasText: "hourly" });
      await row.locator("summary").click();
      await row.locator("li").nth(4).waitFor();
      await row.getByRole("button", { name: "Run now" }).click();
      await page.getByRole("button", { name: "Start 1 job" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await row.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Pause schedule" }).click();
      await row.getByText("paused").waitFor();
    });
    const [job] = await stage.sql`
      select count(*)::int as made from public.jobforge_jobs
      where tenant_id = ${ACME} and type = 'system.noop'
    `;
    assert.equal(job!.made, 1);
  },

  "connectors show their configuration and events, never a secret": async (stage) => {
    await stage.rpc("jobforge_set_secret", {
      ...{ p_tenant_id: ACME, p_name: "hook", p_value: "whsec_VGhpcyBpcyBub3QgYSByZWFsIG9uZQ" },
    });
    const endpoint = await stage.rpc("jobforge_configure_connector", {
      p_tenant_id: ACME,
      p_connector: "webhook-verify",
      p_name: "orders",
      p_config: { scheme: "stripe", job_type: "order.event", queue: "still" },
      p_secret_refs: ["vault:hook"],
    });
    for (let n = 0; n < 52; n++) {
      await stage.rpc("jobforge_receive_webhook", {
        ...{ p_id: endpoint, p_replay_key: `evt_${n}`, p_payload: { n } },
      });
    }
    await stage.visit("/webhooks", async (page) => {
      await page.getByRole("link", { name: /Received webhooks/ }).click();
      const events = page.locator("section tbody tr");
      await events.filter({ hasText: "evt_51" }).waitFor();
      assert.equal(await events.count(), 50);
      assert.doesNotMatch(await page.content(), /vault:|whsec_|secret_ref/);
      await page.getByRole("link", { name: "Older" }).click();
      await events.filter({ hasText: /evt_0\b/ }).waitFor();
      assert.equal(await events.count(), 2);
      await events.first().getByRole("link").click();
      await page.getByRole("heading", { name: "Timeline" }).waitFor();
    });
  },

  "the audit log shows every change and verifies itself": async (stage) => {
    await stage.sql`select jobforge.seal_audit(1000)`;
    await stage.visit("/audit", async (page) => {
      const rows = page.locator("tbody tr");
      await rows.filter({ hasText: "configure_connector" }).first().waitFor();
      await page.getByRole("button", { name: "Verify the chain" }).click();
      await page.getByText(/^Intact through entry \d+/).waitFor();
    });
    await stage.sql`
      update public.jobforge_audit_log set action = 'nothing'
      where id = (select min(entry_id) from jobforge.audit_seals where seq is not null)
    `;
    await stage.visit("/audit", async (page) => {
      await page.getByRole("button", { name: "Verify the chain" }).click();
      await page.getByText(/^Not intact: changed/).waitFor();
    });
  },
};
