import { serveEnqueue } from "../../../../supabase/functions/enqueue/serve.ts";
import { sampleDefinitions } from "../../../jobs/definitions.ts";

serveEnqueue({ definitions: sampleDefinitions });
