import { BigNumber } from "bignumber.js";
import type { PayloadOf } from "../../../shared/core/job/job_type.ts";
import type { dataImport } from "./definition.ts";

/** A declared column. */
export type Column = PayloadOf<typeof dataImport>["columns"][number];

/** What a cell turned out to be: the rule it breaks, or its number if it is one. */
export type Cell = { broken: string } | { broken: undefined; number: BigNumber | undefined };

const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/;
const BOOLEANS = new Set(["true", "false", "yes", "no", "1", "0"]);
// Exponents and thousands separators are refused, though the library would read some of them.
const INTEGER = /^[+-]?\d{1,20}$/;
const DECIMAL = /^[+-]?\d{1,20}(\.\d{1,10})?$/;
const SOUND: Cell = { broken: undefined, number: undefined };

/** Checks one cell against its column. */
export function readCell(column: Column, text: string | undefined): Cell {
  const value = text?.trim() ?? "";
  if (value === "") return column.required ? { broken: "required" } : SOUND;
  switch (column.kind) {
    case "text":
      return SOUND;
    case "integer":
      return numberCell(value, INTEGER, "not_an_integer");
    case "decimal":
      return numberCell(value, DECIMAL, "not_a_decimal");
    case "date":
      return isDate(value) ? SOUND : { broken: "not_a_date" };
    case "boolean":
      return BOOLEANS.has(value.toLowerCase()) ? SOUND : { broken: "not_a_boolean" };
    case "email":
      return EMAIL.test(value) ? SOUND : { broken: "not_an_email" };
  }
}

function numberCell(value: string, form: RegExp, rule: string): Cell {
  return form.test(value) ? { broken: undefined, number: new BigNumber(value) } : { broken: rule };
}

/** A calendar date as YYYY-MM-DD. 2026-02-30 is none. */
function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
