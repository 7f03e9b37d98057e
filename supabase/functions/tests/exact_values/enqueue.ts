import { serveEnqueue } from "../../enqueue/serve.ts";
import { definitions } from "./definitions.ts";

serveEnqueue({ definitions });
