// @ts-types="@types/react"
import { useEffect, useState } from "react";
import type {
  CallOptions,
  Definitions,
  JobFilter,
  JobForge,
  JobPage,
  JobRef,
  WatchedJob,
} from "../../shared/client.ts";

/** What a hook has read. `error` is what ended it, and `data` then stays as it was. */
export interface Watched<Data> {
  data: Data | undefined;
  error: unknown;
}

/**
 * Reads a job with its result, and renders again after each change until it has finished. Without
 * a job it reads nothing.
 */
export function useJob<D extends Definitions>(
  jobforge: JobForge<D>,
  job: JobRef | null | undefined,
): Watched<WatchedJob> {
  const id = typeof job === "string" ? job : Object(job).jobId ?? Object(job).id;
  const open = id === undefined
    ? undefined
    : (options: CallOptions) => jobforge.watchJob(id as string, options);
  return useWatched(open, [jobforge, id]);
}

/** Reads the newest page of jobs, and renders again after each change. */
export function useJobs<D extends Definitions>(
  jobforge: JobForge<D>,
  filter: JobFilter = {},
  { limit }: { limit?: number } = {},
): Watched<JobPage> {
  const open = (options: CallOptions) =>
    jobforge.watchJobs(filter, { ...options, ...(limit === undefined ? {} : { limit }) });
  return useWatched(open, [jobforge, JSON.stringify(filter), limit]);
}

const NOTHING = { data: undefined, error: undefined };

/** Keeps what a watch yields. Another watch begins, empty, when one of `inputs` changes. */
function useWatched<Data>(
  open: ((options: CallOptions) => AsyncIterable<Data>) | undefined,
  inputs: unknown[],
): Watched<Data> {
  const [watched, show] = useState<Watched<Data>>(NOTHING);
  useEffect(() => {
    show(NOTHING);
    if (!open) return;
    const controller = new AbortController();
    const { signal } = controller;
    void follow(open({ signal }), (data) => signal.aborted || show({ data, error: undefined }))
      .catch((error) => signal.aborted || show(({ data }) => ({ data, error })));
    return () => controller.abort();
  }, inputs);
  return watched;
}

async function follow<Data>(values: AsyncIterable<Data>, show: (data: Data) => void) {
  for await (const data of values) show(data);
}
