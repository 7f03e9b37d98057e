import { handle } from "../../../../shared/core/job/handler.ts";
import { serveWorker } from "../../worker/serve.ts";
import { asked, echo, plain, record } from "./definitions.ts";

serveWorker({
  handlers: [
    handle(echo, async (payload, ctx) => {
      ctx.progress(payload);
      // Progress is sent once a second.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      return payload;
    }),
    handle(plain, ({ id }) => id),
    handle(record, ({ value }) => value),
    handle(asked, ({ id, line, total }) => ({ next: id + 1n, line, total })),
  ],
});
