import { createJobForge } from "../supabase/functions/_jobforge/client.js";
import { definitions } from "../supabase/jobs/definitions.ts";
import { supabase } from "./supabase.ts";

/** Jobs under the session of the user who is signed in. */
export const jobforge = createJobForge(supabase, { definitions });

/** Renders a report, and returns what there is to say about it at the end. */
export async function renderReport(
  title: string,
  onProgress: (percent: number) => void,
): Promise<string> {
  const job = await jobforge.enqueueJob("report.render", { title });
  const ended = await jobforge.waitForJob(job, { onProgress: (progress) => onProgress(Number(progress)) });
  if (ended.status === "succeeded") return `${ended.result.pages} pages are ready`;
  return `the report ${ended.status}: ${ended.lastError?.code}`;
}
