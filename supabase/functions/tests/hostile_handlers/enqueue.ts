import { serveEnqueue } from "../../enqueue/serve.ts";
import { hostileJob } from "./definition.ts";

serveEnqueue({ definitions: [hostileJob] });
