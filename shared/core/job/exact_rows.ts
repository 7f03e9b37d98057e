import type { JobError, JobRow } from "./job_row.ts";

/** A row of `jobforge_jobs` with all of its columns. */
export interface FullJobRow extends JobRow {
  payload: unknown;
  scheduled: boolean;
  attempts_before_retry: number;
  lease_expiries: number;
  created_by: string | null;
}

/** A row of `jobforge_job_attempts`: an attempt that ended. Times are ISO 8601 texts. */
export interface AttemptRow {
  tenant_id: string;
  job_id: string;
  attempt_no: number;
  started_at: string;
  finished_at: string;
  outcome: "succeeded" | "errored" | "failed" | "timed_out" | "canceled" | "lease_expired";
  error: JobError | null;
}

// supabase-js requires types here: an interface has no index signature.
type View<Row> = { Row: { [Name in keyof Row]: Row[Name] }; Relationships: [] };

/** The views of JobForge with exact rows. */
export type JobForgeViews = {
  jobforge_jobs: View<FullJobRow>;
  jobforge_job_attempts: View<AttemptRow>;
};

/**
 * A generated database type with the exact rows of JobForge's views. `supabase gen types` declares
 * each computed column of a view as nullable.
 */
export type WithExactRows<Database extends { public: { Views: object } }> =
  & Omit<Database, "public">
  & {
    public: Omit<Database["public"], "Views"> & {
      Views: Omit<Database["public"]["Views"], keyof JobForgeViews> & JobForgeViews;
    };
  };
