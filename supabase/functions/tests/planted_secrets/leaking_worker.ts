import { handle, PermanentError, RetryError } from "../../../../shared/core/job/handler.ts";
import { serveWorker } from "../../worker/serve.ts";
import { leakDefinition } from "./leak_definition.ts";

/** A handler that does everything wrong with the secrets it is given. */
const leak = handle(leakDefinition, ({ how, text }, ctx) => {
  ctx.log("about to fail", { attempt: ctx.attempt });
  if (how === "text") throw `request failed: Bearer ${text}`;
  if (how === "object") throw { apikey: text };
  if (how === "retry") throw new RetryError(`refused: ${text}`, { afterMs: 1 });
  if (how === "permanent") {
    throw new PermanentError(`apikey=${text}`, { code: "refused", cause: new Error(text) });
  }
  if (how === "cause") throw new Error("wrapped", { cause: new Error(text) });
  if (how === "result") return { big: 1n as unknown as number };
  throw new TypeError(`cannot send ${text}`);
});

serveWorker({ handlers: [leak] });
