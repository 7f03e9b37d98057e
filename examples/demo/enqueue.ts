import { createClient } from "@supabase/supabase-js";
import { DEMO_TENANTS } from "../../local/dev/tenants.ts";
import type { Sql } from "../../local/postgres/database.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { createJobForge, type JobForge } from "../../shared/client.ts";
import { definitions, documentJobs, importJobs, invoiceJobs } from "./workload.ts";

/** A supabase-js client of a user of one tenant, as a browser would have it. */
export async function userClient(stack: Stack, tenantId: string) {
  const token = await stack.signUserToken({ tenantId });
  return createClient(stack.url, stack.publishableKey, {
    accessToken: () => Promise.resolve(token),
  });
}

/** JobForge for a user of one tenant. */
export async function userJobForge(
  stack: Stack,
  tenantId: string,
): Promise<JobForge<typeof definitions>> {
  return createJobForge(await userClient(stack, tenantId), { definitions, tenantId });
}

/** acme: a signed-in user, through the client, one transaction. Returns the number of jobs. */
export async function enqueueAsUser(stack: Stack): Promise<number> {
  const jobs = await documentJobs();
  const jobforge = await userJobForge(stack, DEMO_TENANTS.acme);
  await jobforge.enqueueJobs(jobs);
  const again = await jobforge.enqueueJobs(jobs.filter((job) => job.idempotencyKey));
  if (!again.every((job) => job.duplicate)) throw new Error("a repeated key made a second job");
  return jobs.length;
}

/** globex: a backend with a secret key, through the enqueue function. */
export async function enqueueAsBackend(stack: Stack): Promise<number> {
  const jobs = await importJobs();
  const response = await fetch(`${stack.url}/functions/v1/enqueue`, {
    method: "POST",
    headers: { apikey: stack.secretKey, "content-type": "application/json" },
    body: JSON.stringify({ tenant_id: DEMO_TENANTS.globex, jobs }),
  });
  if (!response.ok) {
    throw new Error(`enqueue answered ${response.status}: ${await response.text()}`);
  }
  await response.body?.cancel();
  return jobs.length;
}

/** initech: SQL, in the same transaction as the rows the jobs are about. */
export async function enqueueInSql(sql: Sql): Promise<number> {
  const jobs = await invoiceJobs();
  await sql.begin(async (transaction) => {
    await transaction`create table orders (number text primary key, placed_at timestamptz not null)`;
    await transaction`
      insert into orders select j #>> '{payload,number}', now()
      from jsonb_array_elements(${
      sql.json(jobs as never)
    }) as j where j ->> 'type' = 'report.render'
    `;
    await transaction`
      select count(*) from jobforge_enqueue_jobs(${DEMO_TENANTS.initech}, ${
      sql.json(jobs as never)
    })
    `;
  });
  return jobs.length;
}
