import { handle } from "../../core/job/handler.ts";
import { systemNoop } from "./definition.ts";

/** Returns at once, without a result. */
export const doNothing = handle(systemNoop, () => undefined);
