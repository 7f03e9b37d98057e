import { handle, PermanentError } from "../../core/handler.ts";
import { formatDecimal } from "../decimal.ts";
import { computeAmounts } from "./amounts.ts";
import { reportRender } from "./definition.ts";
import { renderPage } from "./page.ts";

/** Renders the invoice of the payload. */
export const renderReport = handle(reportRender, (payload) => {
  const amounts = computeAmounts(payload.lines);
  const money = moneyFormat(payload.locale, payload.currency);
  return {
    html: renderPage(payload, amounts, money),
    net_minor: Number(amounts.net),
    tax_minor: Number(amounts.tax),
    gross_minor: Number(amounts.gross),
  };
});

/** Writes minor units in the currency's own number of digits, without passing through floats. */
function moneyFormat(locale: string, currency: string): (minor: bigint) => string {
  try {
    const format = new Intl.NumberFormat(locale, { style: "currency", currency });
    const scale = format.resolvedOptions().maximumFractionDigits ?? 2;
    // A text keeps all digits; the declared parameter type lags behind the standard.
    return (minor) => format.format(formatDecimal({ units: minor, scale }) as unknown as number);
  } catch {
    throw new PermanentError("unknown_locale", "the locale or currency is not known");
  }
}
