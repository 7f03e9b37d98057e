import type { Edit } from "../../../local/schema/edited_copy.ts";

/**
 * What a next release may change, in the expand step: a column, and a signature beside the old one.
 * The new one requires its argument, so every call fits one of both.
 */
export const EXPANDED: Edit = {
  file: "99_rights.sql",
  find: /$/,
  replace: `
alter table jobforge.jobs add column region text;
comment on column jobforge.jobs.region is 'Where its attempts run.';
create function public.jobforge_start_run(
  p_run_id bigint, p_ticket text, p_worker text, p_capacity int, p_types jsonb, p_kind text,
  p_version text, p_region text)
returns table (run_id bigint, lease_seconds int, refusal text, message text)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $body$
  select * from jobforge.start_run(
    p_run_id, p_ticket, p_worker || '@' || p_region, p_capacity, p_types, p_kind, p_version)
$body$;
comment on function
  public.jobforge_start_run(bigint, text, text, int, jsonb, text, text, text) is
  'Workers: starts a run in a region.';
select jobforge.apply_rights();
`,
};

/** The contract step in the same release: it takes a function away that callers still call. */
export const BROKEN: Edit = {
  ...EXPANDED,
  replace: "\ndrop function public.jobforge_enqueue_jobs(uuid, jsonb);\n",
};

/** What the code of the next release sends. */
export const NEXT_CALL = {
  file: "shared/adapters/data_api/run_queue.ts",
  find: "    p_version: VERSION,\n",
  replace: '    p_version: VERSION,\n    p_region: "north",\n',
};
