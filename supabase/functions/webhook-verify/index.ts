import { serveWebhooks } from "./serve.ts";

serveWebhooks();
