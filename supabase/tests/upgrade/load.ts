import { delay } from "../../../local/system.ts";
import { SENDERS } from "../../../shared/core/webhook/fake_senders.ts";
import type { Place } from "./place.ts";

const ACME = "11111111-1111-4111-8111-111111111111";
const BATCH = 5;
const LOOPS = 3;

/** What the callers of a project saw. */
export interface Load {
  /** Jobs whose callers got an answer. */
  jobs: Set<string>;
  /** Calls that were answered with an error, each with its answer. */
  refused: string[];
  /** Resolves once so many jobs are known, or the callers have ended. */
  reached(jobs: number): Promise<void>;
  /** Resolves when the callers have ended. */
  done: Promise<void>;
}

/**
 * Starts callers that enqueue, run a schedule and send signed webhooks side by side, until `total`
 * jobs are known or a call was refused.
 */
export async function startLoad(place: Place, total: number): Promise<Load> {
  const { stack } = place;
  const load: Load = {
    ...{ jobs: new Set(), refused: [], done: Promise.resolve() },
    async reached(jobs) {
      while (load.jobs.size < jobs && !isOver()) await delay(20);
    },
  };
  const isOver = () => load.jobs.size >= total || load.refused.length > 0;
  const note = (ids: string[]) => ids.forEach((id) => load.jobs.add(id));
  const call = async (name: string, args: unknown): Promise<unknown> => {
    const reply = await fetch(`${stack.url}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", apikey: stack.secretKey },
      body: JSON.stringify(args),
    });
    return await answerOf(load, name, reply);
  };
  const schedule = await configureSchedule(call);
  const endpoint = await configureEndpoint(call);
  const until = async (step: () => Promise<string[]>) => {
    while (!isOver()) note(await step());
  };
  const jobs = Array.from({ length: BATCH }, () => ({ type: "system.noop" }));
  const callers = [
    ...Array.from({ length: LOOPS }, () =>
      until(async () => {
        const made = await call("jobforge_enqueue_jobs", { p_tenant_id: ACME, p_jobs: jobs });
        return (made as { job_id: string }[] | undefined ?? []).map(({ job_id }) => job_id);
      })),
    until(async () => {
      const made = await call("jobforge_run_schedule", { p_schedule_id: schedule });
      const id = (made as { job_id?: string } | undefined)?.job_id;
      return id ? [id] : [];
    }),
    until(async () => {
      const body = JSON.stringify({ action: crypto.randomUUID() });
      const sent = SENDERS.github.send(SENDERS.github.secret, body);
      const url = `${stack.url}/functions/v1/webhook-verify/${endpoint}`;
      const reply = await fetch(url, { method: "POST", headers: sent.headers, body: sent.body });
      const made = await answerOf(load, "webhook", reply) as { job_id: string } | undefined;
      return made ? [made.job_id] : [];
    }),
  ];
  load.done = Promise.all(callers).then(() => {});
  return load;
}

async function answerOf(load: Load, name: string, reply: Response): Promise<unknown> {
  const text = await reply.text();
  if (reply.ok) return text === "" ? undefined : JSON.parse(text);
  load.refused.push(`${name}: ${reply.status} ${text}`);
  return undefined;
}

type Call = (name: string, args: unknown) => Promise<unknown>;

async function configureSchedule(call: Call): Promise<number> {
  const [made] = await call("jobforge_configure_schedule", {
    ...{ p_tenant_id: ACME, p_name: "minutely" },
    p_settings: { expression: "* * * * *", type: "system.noop" },
  }) as { id: number }[];
  return made!.id;
}

async function configureEndpoint(call: Call): Promise<string> {
  const [name, scheme] = ["hooks", "github"];
  const { secret } = SENDERS.github;
  await call("jobforge_set_secret", { p_tenant_id: ACME, p_name: name, p_value: secret });
  return await call("jobforge_configure_connector", {
    ...{ p_tenant_id: ACME, p_connector: "webhook-verify", p_name: name },
    ...{ p_config: { scheme, job_type: "system.noop" }, p_secret_refs: [`vault:${name}`] },
    p_enabled: true,
  }) as string;
}
