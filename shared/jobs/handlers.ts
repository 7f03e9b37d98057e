import type { JobHandler } from "../core/handler.ts";
import { importData } from "./data_import/handler.ts";
import { indexDocument } from "./document_index/handler.ts";
import { renderReport } from "./report_render/handler.ts";
import { doNothing } from "./system_noop/handler.ts";
import { probe } from "./system_probe/handler.ts";

/** Every handler the worker runs. */
export const handlers: readonly JobHandler[] = [
  importData,
  indexDocument,
  renderReport,
  doNothing,
  probe,
];
