import * as z from "zod";
import { defineJob } from "../functions/_jobforge/index.js";

export const renderReport = defineJob({
  type: "report.render",
  payload: z.strictObject({ title: z.string().min(1) }),
  result: z.object({ pages: z.int() }),
});

export const definitions = [renderReport];
