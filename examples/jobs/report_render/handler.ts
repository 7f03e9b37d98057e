import type { BigNumber } from "bignumber.js";
import { handle, PermanentError } from "../../../shared/core/job/handler.ts";
import { computeAmounts } from "./amounts.ts";
import { reportRender } from "./definition.ts";
import { renderPage } from "./page.ts";

/** Renders the invoice of the payload. */
export const renderReport = handle(reportRender, async (payload) => {
  const amounts = computeAmounts(payload.lines);
  const money = moneyFormat(payload.locale, payload.currency);
  return {
    html: await renderPage(payload, amounts, money),
    net_minor: amounts.net.toNumber(),
    tax_minor: amounts.tax.toNumber(),
    gross_minor: amounts.gross.toNumber(),
  };
});

/** Writes minor units in the currency's own number of digits, without passing through floats. */
function moneyFormat(locale: string, currency: string): (minor: BigNumber) => string {
  try {
    const format = new Intl.NumberFormat(locale, { style: "currency", currency });
    const scale = format.resolvedOptions().maximumFractionDigits ?? 2;
    // A text keeps all digits. The declared parameter type lags behind the standard.
    return (minor) => format.format(minor.shiftedBy(-scale).toFixed(scale) as unknown as number);
  } catch {
    throw new PermanentError("the locale or currency is not known", { code: "unknown_locale" });
  }
}
