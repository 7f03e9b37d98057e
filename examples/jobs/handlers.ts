import type { JobHandler } from "../../shared/core/job/handler.ts";
import { importData } from "./data_import/handler.ts";
import { indexDocument } from "./document_index/handler.ts";
import { renderReport } from "./report_render/handler.ts";
import { planRoute } from "./route_plan/handler.ts";

/** The handlers of the sample job types: what its worker alone imports. */
export const sampleHandlers: readonly JobHandler[] = [
  ...[importData, indexDocument, renderReport],
  planRoute,
];
