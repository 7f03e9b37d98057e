import { dataImport } from "./data_import/definition.ts";
import { documentIndex } from "./document_index/definition.ts";
import { reportRender } from "./report_render/definition.ts";
import { routePlan } from "./route_plan/definition.ts";

/** The job types of an application, without handlers: what its enqueue function and its pages import. */
export const sampleDefinitions = [dataImport, documentIndex, reportRender, routePlan] as const;
