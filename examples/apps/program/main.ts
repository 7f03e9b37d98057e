import { defineJob } from "jobforge";
import { createJobForge } from "jobforge/client";
import { serveWorker } from "jobforge/edge";
import { z } from "zod";

const old = defineJob({ type: "old.zod", payload: z.object({ name: z.string() }) });
const api = { rpc: () => Promise.reject(new Error("no call")), from: () => ({}) };
const jobforge = createJobForge(api, { definitions: [old] });
// @ts-expect-error: a name must be a text
const refused = await jobforge.enqueueJob("old.zod", { name: 1 }).catch((error) => error);
console.log(refused.code, JSON.stringify(refused.extras.issues), typeof serveWorker);
