import { createClient } from "@supabase/supabase-js";
import { createJobForge } from "../supabase/functions/_jobforge/client.js";
import { definitions } from "../supabase/jobs/definitions";

const url = process.env.NEXT_PUBLIC_SUPABASE_URL ?? "http://127.0.0.1:54321";
const key = process.env.NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY ?? "sb_publishable_none";
const supabase = createClient(url, key);

const jobforge = createJobForge(supabase, { definitions });

export async function greet(name: string): Promise<string | undefined> {
  const job = await jobforge.enqueueJob("hello.say", { name });
  const ended = await jobforge.waitForJob(job);
  return ended.status === "succeeded" ? ended.result.greeting : undefined;
}
