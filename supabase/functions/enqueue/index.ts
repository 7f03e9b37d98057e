import { serveEnqueue } from "./serve.ts";

serveEnqueue();
