import { serveWorker } from "../../../../supabase/functions/worker/serve.ts";
import { sampleHandlers } from "../../../jobs/handlers.ts";

serveWorker({ handlers: sampleHandlers });
