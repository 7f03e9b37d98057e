import type { PayloadOf } from "../../core/job_type.ts";
import { divideHalfUp, parseDecimal } from "../decimal.ts";
import type { reportRender } from "./definition.ts";

type Invoice = PayloadOf<typeof reportRender>;

/** Net sum and tax of the lines with one tax rate, in minor units. */
export interface RateTotal {
  percent: string;
  net: bigint;
  tax: bigint;
}

/** The amounts of an invoice in minor units. */
export interface Amounts {
  lineNets: bigint[];
  rates: RateTotal[];
  net: bigint;
  tax: bigint;
  gross: bigint;
}

/**
 * Computes an invoice: each line is rounded once, tax is taken of the sum per rate and rounded
 * once, halves away from zero. No floating point anywhere.
 */
export function computeAmounts(lines: Invoice["lines"]): Amounts {
  const lineNets = lines.map((line) => {
    const { units, scale } = decimalOf(line.quantity);
    return divideHalfUp(units * BigInt(line.unit_price_minor), 10n ** BigInt(scale));
  });
  const nets = new Map<string, bigint>();
  lines.forEach((line, index) => {
    const percent = canonicalPercent(line.tax_percent);
    nets.set(percent, (nets.get(percent) ?? 0n) + lineNets[index]!);
  });
  const rates = [...nets]
    .map(([percent, net]) => ({ percent, net, tax: taxOf(net, percent) }))
    .sort((left, right) => Number(left.percent) - Number(right.percent));
  const net = sum(rates.map((rate) => rate.net));
  const tax = sum(rates.map((rate) => rate.tax));
  return { lineNets, rates, net, tax, gross: net + tax };
}

function taxOf(net: bigint, percent: string): bigint {
  const { units, scale } = decimalOf(percent);
  return divideHalfUp(net * units, 100n * 10n ** BigInt(scale));
}

/** `7.00`, `07` and `7` are one rate. */
function canonicalPercent(percent: string): string {
  return String(Number(percent));
}

function decimalOf(text: string): { units: bigint; scale: number } {
  return parseDecimal(text) ?? { units: 0n, scale: 0 };
}

function sum(amounts: bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
