import { extract } from "@supabase/pg-delta/extract";
import { plan } from "@supabase/pg-delta/plan";
import pg from "pg";

/** One statement of a plan. */
export interface PlannedAction {
  sql: string;
  /** Anything but `transactional` cannot run in one transaction with the rest. */
  transactionality: string;
  /** `destructive` when rows or columns are lost. */
  dataLoss: string;
  /** Whether the statement may write the whole table anew. */
  rewriteRisk: boolean;
}

/** What pg-delta plans, and the kinds of objects that it does not plan. */
export interface PlannedDifference {
  actions: PlannedAction[];
  warnings: string[];
}

/** Plans the statements that turn the database `source` into `desired`. Both are URLs. */
export async function planDifference(source: string, desired: string): Promise<PlannedDifference> {
  const pools = [source, desired].map((connectionString) =>
    new pg.Pool({ connectionString, max: 1 })
  );
  try {
    const [old, fresh] = await Promise.all(pools.map((pool) => extract(pool)));
    const { actions } = plan(old!.factBase, fresh!.factBase);
    // Its other diagnostics report identity sequences, which it does plan.
    const warnings = [...old!.diagnostics, ...fresh!.diagnostics]
      .filter(({ code }) => code === "unmodeled_kind")
      .map(({ message }) => message);
    return { actions, warnings: [...new Set(warnings)] };
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
}
