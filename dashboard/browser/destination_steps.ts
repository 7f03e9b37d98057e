import assert from "node:assert/strict";
import { ACME, type Stage } from "./stage.ts";

const SIGNING = {
  ...{ p_tenant_id: ACME, p_name: "signing" },
  p_value: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
};

/** Webhook destinations, as an operator sees and changes them. */
export const destinationSteps: Record<string, (stage: Stage) => Promise<void>> = {
  "a webhook destination is changed, paused and deleted, without its secret": async (stage) => {
    await stage.rpc("jobforge_set_secret", SIGNING);
    await stage.rpc("jobforge_configure_destination", {
      ...{ p_tenant_id: ACME, p_name: "changed" },
      p_settings: { url: "https://hooks.example.com/in", secret: "signing" },
    });
    await stage.visit(`/destinations?tenant=${ACME}`, async (page) => {
      const row = page.locator("tbody tr").filter({ hasText: "changed" });
      await row.getByText("active").waitFor();
      assert.equal(await page.getByRole("button", { name: "Create destination" }).count(), 0);
      assert.equal(await row.getByRole("button", { name: "Rotate secret" }).count(), 0);
      await row.getByRole("button", { name: "Edit" }).click();
      await page.getByLabel("URL").fill("https://db.internal/in");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("dialog").getByText("invalid_argument").waitFor();
      await page.getByLabel("URL").fill("https://hooks.example.com/other");
      await page.getByLabel("Event types").fill("shipped.* order.paid");
      await page.getByRole("button", { name: "Save" }).click();
      await row.getByText("shipped.* order.paid").waitFor();
      await row.getByText("https://hooks.example.com/other").waitFor();
      await row.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Pause destination" }).click();
      await row.getByText("paused by hand").waitFor();
      await row.getByRole("button", { name: "Resume" }).click();
      await page.getByRole("button", { name: "Resume destination" }).click();
      await row.getByText("active").waitFor();
      await row.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("button", { name: "Delete destination" }).click();
      await row.waitFor({ state: "detached" });
    });
  },

  "deliveries are shown, sent again and recovered": async (stage) => {
    await stage.rpc("jobforge_set_secret", SIGNING);
    await stage.rpc("jobforge_configure_destination", {
      ...{ p_tenant_id: ACME, p_name: "shop" },
      p_settings: { url: "http://127.0.0.1:8099/", secret: "signing", event_types: ["*"] },
    });
    const [{ message_id }] = await stage.rpc("jobforge_publish", {
      ...{ p_tenant_id: ACME, p_event_type: "order.paid", p_event_id: "payment-1" },
    });
    await stage.visit(`/destinations?tenant=${ACME}`, async (page) => {
      await page.getByRole("link", { name: "shop" }).click();
      const rows = page.locator("section tbody tr").filter({ hasText: "order.paid" });
      await rows.getByText("failed").waitFor();
      await rows.getByText("payment-1").waitFor();
      await rows.getByText("egress_").waitFor();
      await rows.getByRole("button", { name: "Redeliver" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Redeliver" }).click();
      await rows.nth(1).waitFor();
      await rows.filter({ hasText: "failed" }).nth(1).waitFor();
      await page.getByRole("button", { name: "Recover" }).click();
      await page.getByLabel("Since").fill("2020-01-01T00:00");
      await page.getByRole("dialog").getByRole("button", { name: "Recover" }).click();
      await page.getByText("1 messages sent.").waitFor();
      await rows.nth(2).waitFor();
      const destination = page.locator("tbody tr").filter({ hasText: "127.0.0.1:8099" });
      await destination.getByRole("button", { name: "Test" }).click();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await page.getByText("jobforge.test").waitFor();
    });
    const sent = await stage.sql`
      select count(*)::int as jobs from jobforge.webhook_deliveries
      where message_id = ${message_id}`;
    assert.equal(sent[0]!.jobs, 3);
  },
};
