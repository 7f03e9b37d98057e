import assert from "node:assert/strict";
import { fakeContext } from "../../../shared/jobs/fake_context.ts";
import { sample } from "../../data/sample.ts";
import { computeAmounts } from "./amounts.ts";
import { reportRender } from "./definition.ts";
import { renderReport } from "./handler.ts";

async function render(changes: Record<string, unknown> = {}) {
  const invoice = { ...JSON.parse(await sample("invoice.json")), ...changes };
  const parsed = reportRender.payload!.parse(invoice);
  return reportRender.result!.parse(await renderReport.run(parsed, fakeContext()));
}

Deno.test("an invoice adds up, line by line and rate by rate", async () => {
  const { net_minor, tax_minor, gross_minor } = await render();
  // 189.90 + 15.96 (12.375 x 1.29) + 29.00 - 0.65 (0.5 x 1.29, halves away from zero)
  assert.equal(net_minor, 18_990 + 1_596 + 2_900 - 65);
  assert.equal(tax_minor, 3_899 + 203);
  assert.equal(gross_minor, net_minor + tax_minor);
});

Deno.test("the page shows the amounts and escapes every text", async () => {
  const { html } = await render({ note: `<script>alert("x")</script> & 'y'` });
  assert.match(html, /€275\.23|€ ?275\.23/);
  assert.match(html, /Terrace &amp; Daughters &lt;Orchards&gt;/);
  assert.match(html, /&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt; &amp; &#39;y&#39;/);
  assert.doesNotMatch(html, /<script/);
});

Deno.test("a currency without minor units is shown without them", async () => {
  const { html } = await render({ currency: "JPY" });
  assert.match(html, /¥18,990/);
});

Deno.test("amounts beyond double precision stay exact", () => {
  const line = { description: "x", quantity: "9999999.999", tax_percent: "19.99" };
  const lines = [{ ...line, unit_price_minor: 999_999_999 }];
  const { net, tax } = computeAmounts(lines);
  assert.deepEqual([net.toFixed(), tax.toFixed()], ["9999999989000000", "1998999997801100"]);
});

Deno.test("the same rate written differently is one rate", () => {
  const line = { description: "x", quantity: "1", unit_price_minor: 100 };
  const lines = ["7", "7.0", "07"].map((tax_percent) => ({ ...line, tax_percent }));
  const rates = computeAmounts(lines).rates.map(({ percent, net, tax }) => [percent, +net, +tax]);
  assert.deepEqual(rates, [["7", 300, 21]]);
});

Deno.test("an impossible date is refused at enqueue", () => {
  assert.equal(reportRender.payload!.safeParse({ issued_on: "2026-02-30" }).success, false);
});
