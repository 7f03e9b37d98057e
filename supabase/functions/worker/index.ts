import { serveWorker } from "./serve.ts";

serveWorker();
