/**
 * The database functions the dashboard may call, each with the arguments it may send. The
 * dashboard's server gives access to no other function.
 */
export const CALLS = {
  jobforge_schema_version: [],
  jobforge_overview: ["p_tenant_id"],
  jobforge_history: [
    "p_from",
    "p_to",
    "p_step_seconds",
    "p_tenant_id",
    "p_queue",
    "p_type",
  ],
  jobforge_alerts: ["p_open"],
  jobforge_list_queues: ["p_tenant_id", "p_after_id", "p_limit"],
  jobforge_configure_queue: ["p_tenant_id", "p_queue", "p_settings"],
  jobforge_list_jobs: ["p_tenant_id", "p_filter", "p_from", "p_limit"],
  jobforge_explain_job: ["p_job_id", "p_tenant_id"],
  jobforge_cancel_job: ["p_job_id", "p_tenant_id"],
  jobforge_retry_job: ["p_job_id", "p_tenant_id"],
  jobforge_reschedule_job: ["p_job_id", "p_run_at", "p_tenant_id"],
  jobforge_retry_jobs: ["p_tenant_id", "p_filter", "p_after", "p_limit", "p_dry_run"],
  jobforge_cancel_jobs: ["p_tenant_id", "p_filter", "p_after", "p_limit", "p_dry_run"],
  jobforge_configure_schedule: ["p_tenant_id", "p_name", "p_settings", "p_fan_out"],
  jobforge_run_schedule: ["p_schedule_id"],
  jobforge_next_occurrences: ["p_schedule_id", "p_count"],
  jobforge_list_destinations: ["p_tenant_id"],
  jobforge_configure_destination: ["p_tenant_id", "p_name", "p_settings"],
  jobforge_delete_destination: ["p_tenant_id", "p_name"],
  jobforge_send_test_event: ["p_tenant_id", "p_destination"],
  jobforge_list_deliveries: ["p_tenant_id", "p_destination", "p_before", "p_limit"],
  jobforge_redeliver: ["p_tenant_id", "p_destination", "p_message_id"],
  jobforge_recover_deliveries: ["p_tenant_id", "p_destination", "p_since", "p_after", "p_limit"],
  jobforge_verify_audit: ["p_after_seq", "p_limit"],
} as const satisfies Record<string, readonly string[]>;

/**
 * What the tenant view calls besides, on the Data API and under its user's token. The operator's
 * server gives no access to secrets.
 */
export const TENANT_CALLS = {
  jobforge_set_secret: ["p_tenant_id", "p_name", "p_value"],
  jobforge_revoke_secret: ["p_tenant_id", "p_name"],
  jobforge_rotate_destination_secret: ["p_tenant_id", "p_destination", "p_value"],
} as const satisfies Record<string, readonly string[]>;

/** The name of a function that the dashboard's server may call. */
export type CallName = keyof typeof CALLS;

/** The name of a function that a view may call. */
export type ViewCallName = CallName | keyof typeof TENANT_CALLS;

/** Arguments of a call, by name. */
export type CallArguments = Record<string, unknown>;

/** Returns whether a name is on the list. */
export function isCall(name: string): name is CallName {
  return Object.hasOwn(CALLS, name);
}

/** Returns the first argument that the call may not send, or undefined when all are listed. */
export function foreignArgument(name: CallName, args: CallArguments): string | undefined {
  const allowed: readonly string[] = CALLS[name];
  return Object.keys(args).find((argument) => !allowed.includes(argument));
}
