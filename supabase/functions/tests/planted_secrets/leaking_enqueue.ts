import { serveEnqueue } from "../../enqueue/serve.ts";
import { leakDefinition } from "./leak_definition.ts";

serveEnqueue({ definitions: [leakDefinition] });
