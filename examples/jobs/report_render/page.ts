import { BigNumber } from "bignumber.js";
import { html } from "hono/html";
import type { PayloadOf } from "../../../shared/core/job/job_type.ts";
import type { Amounts } from "./amounts.ts";
import type { reportRender } from "./definition.ts";

type Invoice = PayloadOf<typeof reportRender>;
type Money = (minor: BigNumber) => string;
type Html = ReturnType<typeof html>;

/** The invoice as one HTML page without outside references. Every text is escaped. */
export async function renderPage(
  invoice: Invoice,
  amounts: Amounts,
  money: Money,
): Promise<string> {
  const page = await html`
    <!doctype html>
    <html lang="${invoice.locale}">
      <head>
        <meta charset="utf-8">
        <title>Invoice ${invoice.number}</title>
        <style>
    body { font: 14px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 46rem; }
    table { border-collapse: collapse; width: 100%; }
    th, td { border-bottom: 1px solid #ddd; padding: .4rem; text-align: left; }
    .amount { text-align: right; font-variant-numeric: tabular-nums; }
    </style>
      </head>
      <body>
    <h1>Invoice ${invoice.number}</h1>
    ${partyOf("From", invoice.seller)}
    ${partyOf("To", invoice.buyer)}
    <p>Issued ${invoice.issued_on}${invoice.due_on ? `, due ${invoice.due_on}` : ""}</p>
    <table>
    <thead><tr><th>Description</th><th class="amount">Quantity</th>
    <th class="amount">Price</th><th class="amount">Tax</th><th class="amount">Net</th></tr></thead>
    <tbody>
    ${linesOf(invoice, amounts, money)}</tbody>
    </table>
    <table>
    ${totalsOf(amounts, money)}</table>
    ${invoice.note && html`<p>${invoice.note}</p>\n`}</body>
    </html>
  `;
  return page.toString();
}

function partyOf(title: string, party: Invoice["seller"]): Html {
  const address = party.address.map((line) => html`<br>${line}`);
  const taxId = party.tax_id && html`<br>${party.tax_id}`;
  return html`<p><strong>${title}</strong><br>${party.name}${address}${taxId}</p>`;
}

function linesOf(invoice: Invoice, amounts: Amounts, money: Money): Html[] {
  return invoice.lines.map((line, index) =>
    html`
      <tr>
        <td>${line.description}</td>
        <td class="amount">${line.quantity}</td>
        <td class="amount">${money(new BigNumber(line.unit_price_minor))}</td>
        <td class="amount">${line.tax_percent} %</td>
        <td class="amount">${money(amounts.lineNets[index]!)}</td>
      </tr>
    `
  );
}

function totalsOf(amounts: Amounts, money: Money): Html[] {
  const rates = amounts.rates.map((rate) =>
    row(`Tax ${rate.percent} % of ${money(rate.net)}`, money(rate.tax))
  );
  return [row("Net", money(amounts.net)), ...rates, row("Total", money(amounts.gross))];
}

function row(title: string, amount: string): Html {
  return html`
    <tr>
      <th>${title}</th>
      <td class="amount">${amount}</td>
    </tr>
  `;
}
