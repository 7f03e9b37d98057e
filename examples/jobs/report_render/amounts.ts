import { BigNumber } from "bignumber.js";
import type { PayloadOf } from "../../../shared/core/job/job_type.ts";
import type { reportRender } from "./definition.ts";

type Invoice = PayloadOf<typeof reportRender>;

/** Net sum and tax of the lines with one tax rate, in minor units. */
export interface RateTotal {
  percent: string;
  net: BigNumber;
  tax: BigNumber;
}

/** The amounts of an invoice in whole minor units. */
export interface Amounts {
  lineNets: BigNumber[];
  rates: RateTotal[];
  net: BigNumber;
  tax: BigNumber;
  gross: BigNumber;
}

/**
 * Computes an invoice: each line is rounded once, tax is taken of the sum per rate and rounded
 * once, halves away from zero. No floating point anywhere.
 */
export function computeAmounts(lines: Invoice["lines"]): Amounts {
  const lineNets = lines.map(({ quantity, unit_price_minor }) =>
    rounded(new BigNumber(quantity).times(unit_price_minor))
  );
  const nets = new Map<string, BigNumber>();
  lines.forEach((line, index) => {
    // `7.00`, `07` and `7` are one rate.
    const percent = new BigNumber(line.tax_percent).toFixed();
    nets.set(percent, lineNets[index]!.plus(nets.get(percent) ?? 0));
  });
  const rates = [...nets]
    .map(([percent, net]) => ({ percent, net, tax: rounded(net.times(percent).shiftedBy(-2)) }))
    .sort((left, right) => Number(left.percent) - Number(right.percent));
  const net = sum(rates.map((rate) => rate.net));
  const tax = sum(rates.map((rate) => rate.tax));
  return { lineNets, rates, net, tax, gross: net.plus(tax) };
}

function rounded(amount: BigNumber): BigNumber {
  return amount.integerValue(BigNumber.ROUND_HALF_UP);
}

function sum(amounts: BigNumber[]): BigNumber {
  return amounts.reduce((total, amount) => total.plus(amount), new BigNumber(0));
}
