import { Hono } from "hono";
import { noSuchRoute, onlyMethods, problemResponse } from "../../../shared/adapters/http/http.ts";
import { cors } from "./cors.ts";
import { enqueueJobs } from "./enqueue_jobs.ts";
import type { EnqueueDeps } from "./ports.ts";
import { showJob } from "./show_job.ts";

/**
 * The enqueue function, below the name under which it is deployed: POST makes one job or a batch,
 * GET …/:id reads one.
 */
export function createApp(deps: EnqueueDeps): Hono {
  const app = new Hono({ strict: false }).basePath("/:function");
  app.use(cors);
  app.post("/", (c) => enqueueJobs(c, deps));
  app.all("/", onlyMethods("POST", "OPTIONS"));
  app.get("/:id", (c) => showJob(c, deps));
  app.all("/:id", onlyMethods("GET", "OPTIONS"));
  app.notFound(noSuchRoute);
  app.onError((thrown, c) => problemResponse(c, thrown, deps.log));
  return app;
}
