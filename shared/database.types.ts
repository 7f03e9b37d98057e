export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "jobforge_audit_log": {
        Row: {
          "action": string;
          "at": string;
          "detail": Json | null;
          "erasure_id": number | null;
          "id": number;
          "role": string;
          "subject": string | null;
          "target": string | null;
          "tenant_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "action": string;
          "at": string;
          "detail"?: Json | null;
          "erasure_id"?: number | null;
          "id"?: never;
          "role": string;
          "subject"?: string | null;
          "target"?: string | null;
          "tenant_id"?: string | null;
        };
        Update: {
          "action"?: string;
          "at"?: string;
          "detail"?: Json | null;
          "erasure_id"?: number | null;
          "id"?: never;
          "role"?: string;
          "subject"?: string | null;
          "target"?: string | null;
          "tenant_id"?: string | null;
        };
        Relationships: [];
      };
      "jobforge_connector_configs": {
        Row: {
          "config": NonNullable<Json>;
          "connector": string;
          "created_at": string;
          "disabled_reason": string | null;
          "enabled": boolean;
          "id": string;
          "name": string;
          "secret_refs": (string)[];
          "tenant_id": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "config": NonNullable<Json>;
          "connector": string;
          "created_at": string;
          "disabled_reason"?: string | null;
          "enabled"?: boolean;
          "id"?: string;
          "name"?: string;
          "secret_refs"?: (string)[];
          "tenant_id": string;
          "updated_at": string;
        };
        Update: {
          "config"?: NonNullable<Json>;
          "connector"?: string;
          "created_at"?: string;
          "disabled_reason"?: string | null;
          "enabled"?: boolean;
          "id"?: string;
          "name"?: string;
          "secret_refs"?: (string)[];
          "tenant_id"?: string;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "jobforge_job_results": {
        Row: {
          "created_at": string;
          "job_id": string;
          "result": NonNullable<Json>;
          "tenant_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at": string;
          "job_id": string;
          "result": NonNullable<Json>;
          "tenant_id": string;
        };
        Update: {
          "created_at"?: string;
          "job_id"?: string;
          "result"?: NonNullable<Json>;
          "tenant_id"?: string;
        };
        Relationships: [];
      };
      "jobforge_queues": {
        Row: {
          "max_queued": number | null;
          "max_running": number | null;
          "paused": boolean;
          "queue": string;
          "rate_burst": number;
          "rate_limit": number | null;
          "rate_period_ms": number;
          "tenant_id": string;
          "weight": number;
        };
        ComputedFields: never;
        Insert: {
          "max_queued"?: number | null;
          "max_running"?: number | null;
          "paused"?: boolean;
          "queue"?: string;
          "rate_burst"?: number;
          "rate_limit"?: number | null;
          "rate_period_ms"?: number;
          "tenant_id": string;
          "weight"?: number;
        };
        Update: {
          "max_queued"?: number | null;
          "max_running"?: number | null;
          "paused"?: boolean;
          "queue"?: string;
          "rate_burst"?: number;
          "rate_limit"?: number | null;
          "rate_period_ms"?: number;
          "tenant_id"?: string;
          "weight"?: number;
        };
        Relationships: [];
      };
      "jobforge_received_webhooks": {
        Row: {
          "config_id": string;
          "expires_at": string;
          "job_id": string;
          "received_at": string;
          "replay_key": string;
          "tenant_id": string;
        };
        ComputedFields: never;
        Insert: {
          "config_id": string;
          "expires_at": string;
          "job_id": string;
          "received_at": string;
          "replay_key": string;
          "tenant_id": string;
        };
        Update: {
          "config_id"?: string;
          "expires_at"?: string;
          "job_id"?: string;
          "received_at"?: string;
          "replay_key"?: string;
          "tenant_id"?: string;
        };
        Relationships: [];
      };
      "jobforge_schedules": {
        Row: {
          "catch_up": string;
          "created_at": string;
          "created_by": string | null;
          "expression": string;
          "failed": number;
          "fan_out_after": string | null;
          "fan_out_at": string | null;
          "filled_through": string;
          "id": string;
          "last_at": string | null;
          "last_error": Json | null;
          "max_attempts": number | null;
          "missed": number;
          "name": string;
          "next_at": string | null;
          "overlap": string;
          "paused": boolean;
          "payload": NonNullable<Json>;
          "priority": number;
          "problem": string | null;
          "queue": string;
          "refill_at": string | null;
          "refill_requested_at": string | null;
          "skipped": number;
          "slot": number | null;
          "started": number;
          "tenant_id": string | null;
          "time_zone": string;
          "timeout_ms": number | null;
          "type": string;
          "updated_at": string;
          "version": number;
        };
        ComputedFields: never;
        Insert: {
          "catch_up"?: string;
          "created_at": string;
          "created_by"?: string | null;
          "expression": string;
          "failed"?: number;
          "fan_out_after"?: string | null;
          "fan_out_at"?: string | null;
          "filled_through": string;
          "id"?: string;
          "last_at"?: string | null;
          "last_error"?: Json | null;
          "max_attempts"?: number | null;
          "missed"?: number;
          "name": string;
          "next_at"?: string | null;
          "overlap"?: string;
          "paused"?: boolean;
          "payload"?: NonNullable<Json>;
          "priority"?: number;
          "problem"?: string | null;
          "queue"?: string;
          "refill_at"?: string | null;
          "refill_requested_at"?: string | null;
          "skipped"?: number;
          "slot"?: number | null;
          "started"?: number;
          "tenant_id"?: string | null;
          "time_zone"?: string;
          "timeout_ms"?: number | null;
          "type": string;
          "updated_at": string;
          "version"?: number;
        };
        Update: {
          "catch_up"?: string;
          "created_at"?: string;
          "created_by"?: string | null;
          "expression"?: string;
          "failed"?: number;
          "fan_out_after"?: string | null;
          "fan_out_at"?: string | null;
          "filled_through"?: string;
          "id"?: string;
          "last_at"?: string | null;
          "last_error"?: Json | null;
          "max_attempts"?: number | null;
          "missed"?: number;
          "name"?: string;
          "next_at"?: string | null;
          "overlap"?: string;
          "paused"?: boolean;
          "payload"?: NonNullable<Json>;
          "priority"?: number;
          "problem"?: string | null;
          "queue"?: string;
          "refill_at"?: string | null;
          "refill_requested_at"?: string | null;
          "skipped"?: number;
          "slot"?: number | null;
          "started"?: number;
          "tenant_id"?: string | null;
          "time_zone"?: string;
          "timeout_ms"?: number | null;
          "type"?: string;
          "updated_at"?: string;
          "version"?: number;
        };
        Relationships: [];
      };
    };
    Views: {
      "jobforge_job_attempts": {
        Row: {
          "attempt_no": number | null;
          "error": Json | null;
          "finished_at": string | null;
          "job_id": string | null;
          "outcome": string | null;
          "started_at": string | null;
          "tenant_id": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "jobforge_jobs": {
        Row: {
          "attempts": number | null;
          "attempts_before_retry": number;
          "cancel_requested_at": string | null;
          "created_at": string;
          "created_by": string | null;
          "finished_at": string | null;
          "id": string;
          "idempotency_key": string | null;
          "last_error": Json | null;
          "lease_expiries": number;
          "max_attempts": number | null;
          "payload": NonNullable<Json>;
          "priority": number;
          "progress": Json | null;
          "queue": string | null;
          "run_at": string;
          "scheduled": boolean | null;
          "started_at": string | null;
          "status": string | null;
          "tenant_id": string;
          "timeout_ms": number | null;
          "traceparent": string | null;
          "type": string;
        };
        ComputedFields: never;
        Relationships: [];
      };
    };
    Functions: {
      "jobforge_alerts": {
        Args: { "p_open"?: boolean };
        Returns: {
          "closed_at": string;
          "id": number;
          "message": string;
          "notified_at": string;
          "opened_at": string;
          "rule": string;
          "severity": string;
          "subject": string;
          "tenant_id": string;
          "threshold": number;
          "value": number;
        }[];
      };
      "jobforge_announce_url": { Args: { "p_project_url": string }; Returns: boolean };
      "jobforge_cancel_job": {
        Args: { "p_job_id": string; "p_tenant_id"?: string };
        Returns: {
          "cancel_requested": boolean;
          "job_id": string;
          "status": string;
        }[];
      };
      "jobforge_cancel_jobs": {
        Args: {
          "p_after"?: string;
          "p_dry_run"?: boolean;
          "p_filter"?: Json;
          "p_limit"?: number;
          "p_tenant_id"?: string;
        };
        Returns: Json;
      };
      "jobforge_claim_jobs": {
        Args: { "p_limit": number; "p_max_bytes"?: number; "p_run_id": number };
        Returns: Json;
      };
      "jobforge_cleanup": {
        Args: {
          "p_after"?: string;
          "p_limit"?: number;
          "p_retention_days": number;
          "p_statuses": (string)[];
          "p_tenant_id": string;
        };
        Returns: Json;
      };
      "jobforge_close_host": {
        Args: { "p_host": string; "p_ms": number; "p_tenant_id": string };
        Returns: number;
      };
      "jobforge_complete_jobs": { Args: { "p_outcomes": Json; "p_run_id": number }; Returns: Json };
      "jobforge_configure_alert": { Args: { "p_rule": string; "p_settings": Json }; Returns: Json };
      "jobforge_configure_audit_retention": { Args: { "p_days": number }; Returns: Json };
      "jobforge_configure_connector": {
        Args: {
          "p_config"?: Json;
          "p_connector": string;
          "p_enabled"?: boolean;
          "p_name"?: string;
          "p_secret_refs"?: (string)[];
          "p_tenant_id": string;
        };
        Returns: string;
      };
      "jobforge_configure_destination": {
        Args: { "p_name"?: string; "p_settings"?: Json; "p_tenant_id"?: string };
        Returns: string;
      };
      "jobforge_configure_publishing": { Args: { "p_settings": Json }; Returns: Json };
      "jobforge_configure_queue": {
        Args: { "p_queue"?: string; "p_settings"?: Json; "p_tenant_id": string };
        Returns: {
          "max_queued": number | null;
          "max_running": number | null;
          "paused": boolean;
          "queue": string;
          "rate_burst": number;
          "rate_limit": number | null;
          "rate_period_ms": number;
          "tenant_id": string;
          "weight": number;
        }[];
        SetofOptions: {
          from: "*";
          to: "jobforge_queues";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "jobforge_configure_retention": {
        Args: { "p_succeeded_days": number; "p_unsuccessful_days": number };
        Returns: Json;
      };
      "jobforge_configure_schedule": {
        Args: {
          "p_fan_out"?: boolean;
          "p_name"?: string;
          "p_settings"?: Json;
          "p_tenant_id"?: string;
        };
        Returns: {
          "catch_up": string;
          "created_at": string;
          "created_by": string | null;
          "expression": string;
          "failed": number;
          "fan_out_after": string | null;
          "fan_out_at": string | null;
          "filled_through": string;
          "id": string;
          "last_at": string | null;
          "last_error": Json | null;
          "max_attempts": number | null;
          "missed": number;
          "name": string;
          "next_at": string | null;
          "overlap": string;
          "paused": boolean;
          "payload": NonNullable<Json>;
          "priority": number;
          "problem": string | null;
          "queue": string;
          "refill_at": string | null;
          "refill_requested_at": string | null;
          "skipped": number;
          "slot": number | null;
          "started": number;
          "tenant_id": string | null;
          "time_zone": string;
          "timeout_ms": number | null;
          "type": string;
          "updated_at": string;
          "version": number;
        }[];
        SetofOptions: {
          from: "*";
          to: "jobforge_schedules";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "jobforge_count_refusals": { Args: { "p_refusals": Json }; Returns: number };
      "jobforge_delete_connector": {
        Args: { "p_connector": string; "p_name"?: string; "p_tenant_id": string };
        Returns: undefined;
      };
      "jobforge_delete_destination": {
        Args: { "p_name"?: string; "p_tenant_id"?: string };
        Returns: undefined;
      };
      "jobforge_delete_schedule": { Args: { "p_schedule_id": string }; Returns: undefined };
      "jobforge_dispatch": { Args: Record<PropertyKey, never>; Returns: number };
      "jobforge_doctor": { Args: { "p_project_url"?: string }; Returns: Json };
      "jobforge_enqueue_job": {
        Args: {
          "p_idempotency_key"?: string;
          "p_idempotency_ttl_seconds"?: number;
          "p_max_attempts"?: number;
          "p_payload"?: Json;
          "p_priority"?: number;
          "p_queue"?: string;
          "p_run_at"?: string;
          "p_tenant_id"?: string;
          "p_timeout_ms"?: number;
          "p_traceparent"?: string;
          "p_type"?: string;
        };
        Returns: {
          "duplicate": boolean;
          "job_id": string;
          "status": string;
        }[];
      };
      "jobforge_enqueue_jobs": {
        Args: { "p_jobs"?: Json; "p_tenant_id"?: string };
        Returns: {
          "duplicate": boolean;
          "index": number;
          "job_id": string;
          "status": string;
        }[];
      };
      "jobforge_erase_tenant": {
        Args: { "p_limit"?: number; "p_tenant_id": string };
        Returns: Json;
      };
      "jobforge_explain_job": {
        Args: { "p_job_id": string; "p_tenant_id"?: string };
        Returns: Json;
      };
      "jobforge_fill_calendar": { Args: { "p_filled"?: Json }; Returns: Json };
      "jobforge_finish_run": {
        Args: { "p_cpu_ms"?: number; "p_reason": string; "p_run_id": number };
        Returns: Json;
      };
      "jobforge_get_job": {
        Args: {
          "p_as_text"?: boolean;
          "p_job_id": string;
          "p_payload"?: boolean;
          "p_tenant_id"?: string;
        };
        Returns: Json;
      };
      "jobforge_heartbeat": { Args: { "p_progress"?: Json; "p_run_id": number }; Returns: Json };
      "jobforge_history": {
        Args: {
          "p_from": string;
          "p_queue"?: string;
          "p_step_seconds": number;
          "p_tenant_id"?: string;
          "p_to": string;
          "p_type"?: string;
        };
        Returns: {
          "at": string;
          "canceled": number;
          "dead": number;
          "duration_p50_ms": number;
          "duration_p95_ms": number;
          "failed": number;
          "latency_p50_ms": number;
          "latency_p95_ms": number;
          "retried": number;
          "started": number;
          "succeeded": number;
        }[];
      };
      "jobforge_list_deliveries": {
        Args: {
          "p_before"?: string;
          "p_destination"?: string;
          "p_limit"?: number;
          "p_tenant_id"?: string;
        };
        Returns: {
          "attempts": number;
          "created_at": string;
          "delivered_at": string;
          "error": string;
          "event_id": string;
          "event_type": string;
          "job_id": string;
          "last_attempt_at": string;
          "message_id": string;
          "next_attempt_at": string;
          "response_status": number;
          "status": string;
          "test": boolean;
        }[];
      };
      "jobforge_list_destinations": {
        Args: { "p_tenant_id"?: string };
        Returns: {
          "created_at": string;
          "event_types": Json;
          "failing_since": string;
          "failures": number;
          "id": string;
          "name": string;
          "paused_at": string;
          "reason": string;
          "secrets": Json;
          "status": string;
          "updated_at": string;
          "url": string;
        }[];
      };
      "jobforge_list_jobs": {
        Args: { "p_filter"?: Json; "p_from"?: string; "p_limit"?: number; "p_tenant_id"?: string };
        Returns: Json;
      };
      "jobforge_list_queues": {
        Args: { "p_after_id"?: number; "p_limit"?: number; "p_tenant_id"?: string };
        Returns: {
          "id": number;
          "max_queued": number;
          "max_running": number;
          "paused": boolean;
          "queue": string;
          "queued": number;
          "rate_burst": number;
          "rate_limit": number;
          "rate_period_ms": number;
          "running": number;
          "tenant_id": string;
          "weight": number;
        }[];
      };
      "jobforge_metrics": { Args: Record<PropertyKey, never>; Returns: Json };
      "jobforge_next_occurrences": {
        Args: { "p_count"?: number; "p_schedule_id": string };
        Returns: string[];
      };
      "jobforge_open_connector": {
        Args: { "p_connector": string; "p_host"?: string; "p_name": string; "p_tenant_id": string };
        Returns: Json;
      };
      "jobforge_open_delivery": {
        Args: {
          "p_destination": string;
          "p_job_id": string;
          "p_message_id"?: string;
          "p_tenant_id": string;
        };
        Returns: Json;
      };
      "jobforge_overview": { Args: { "p_tenant_id"?: string }; Returns: Json };
      "jobforge_probe_worker": { Args: { "p_run_id"?: number }; Returns: Json };
      "jobforge_publish": {
        Args: {
          "p_data"?: Json;
          "p_event_id"?: string;
          "p_event_type"?: string;
          "p_tenant_id"?: string;
        };
        Returns: {
          "deliveries": number;
          "duplicate": boolean;
          "message_id": string;
        }[];
      };
      "jobforge_read_webhook_body": {
        Args: {
          "p_from"?: number;
          "p_job_id": string;
          "p_lease_token": number;
          "p_run_id": number;
        };
        Returns: string;
      };
      "jobforge_readmit_tenant": { Args: { "p_tenant_id": string }; Returns: undefined };
      "jobforge_receive_webhook": {
        Args: {
          "p_body"?: string;
          "p_id": string;
          "p_payload": Json;
          "p_replay_key": string;
          "p_traceparent"?: string;
        };
        Returns: Json;
      };
      "jobforge_recover_deliveries": {
        Args: {
          "p_after"?: string;
          "p_destination"?: string;
          "p_limit"?: number;
          "p_since"?: string;
          "p_tenant_id"?: string;
        };
        Returns: {
          "next": string;
          "sent": number;
        }[];
      };
      "jobforge_redeliver": {
        Args: { "p_destination"?: string; "p_message_id"?: string; "p_tenant_id"?: string };
        Returns: {
          "duplicate": boolean;
          "job_id": string;
        }[];
      };
      "jobforge_release_jobs": {
        Args: { "p_job_ids"?: (string)[]; "p_known_ids"?: (string)[]; "p_run_id": number };
        Returns: number;
      };
      "jobforge_report_delivery": {
        Args: {
          "p_destination_id": string;
          "p_error"?: string;
          "p_job_id": string;
          "p_status"?: number;
          "p_tenant_id": string;
        };
        Returns: undefined;
      };
      "jobforge_reschedule_job": {
        Args: { "p_job_id": string; "p_run_at": string; "p_tenant_id"?: string };
        Returns: {
          "job_id": string;
          "run_at": string;
          "status": string;
        }[];
      };
      "jobforge_retry_job": {
        Args: { "p_job_id": string; "p_tenant_id"?: string };
        Returns: {
          "job_id": string;
          "status": string;
        }[];
      };
      "jobforge_retry_jobs": {
        Args: {
          "p_after"?: string;
          "p_dry_run"?: boolean;
          "p_filter"?: Json;
          "p_limit"?: number;
          "p_tenant_id"?: string;
        };
        Returns: Json;
      };
      "jobforge_revoke_secret": {
        Args: { "p_name"?: string; "p_tenant_id"?: string; "p_version"?: number };
        Returns: {
          "expires_at": string;
          "name": string;
          "version": number;
        }[];
      };
      "jobforge_rotate_destination_secret": {
        Args: {
          "p_destination"?: string;
          "p_overlap_seconds"?: number;
          "p_tenant_id"?: string;
          "p_value"?: string;
        };
        Returns: {
          "expires_at": string;
          "version": number;
        }[];
      };
      "jobforge_rotate_secret": {
        Args: {
          "p_name"?: string;
          "p_overlap_seconds"?: number;
          "p_tenant_id"?: string;
          "p_value"?: string;
        };
        Returns: {
          "expires_at": string;
          "name": string;
          "version": number;
        }[];
      };
      "jobforge_run_schedule": { Args: { "p_schedule_id": string }; Returns: Json };
      "jobforge_schema_version": { Args: Record<PropertyKey, never>; Returns: string };
      "jobforge_send_test_event": {
        Args: { "p_destination"?: string; "p_tenant_id"?: string };
        Returns: {
          "job_id": string;
          "message_id": string;
        }[];
      };
      "jobforge_set_secret": {
        Args: { "p_name"?: string; "p_tenant_id"?: string; "p_value"?: string };
        Returns: {
          "expires_at": string;
          "name": string;
          "version": number;
        }[];
      };
      "jobforge_settle_and_claim": {
        Args: {
          "p_limit"?: number;
          "p_max_bytes"?: number;
          "p_outcomes"?: Json;
          "p_progress"?: Json;
          "p_run_id": number;
        };
        Returns: Json;
      };
      "jobforge_setup": {
        Args: { "p_max_runs"?: number; "p_project_url": string; "p_worker"?: string };
        Returns: {
          "setting": string;
          "value": string;
        }[];
      };
      "jobforge_start_run": {
        Args: {
          "p_capacity"?: number;
          "p_kind"?: string;
          "p_run_id"?: number;
          "p_ticket"?: string;
          "p_types"?: Json;
          "p_version"?: string;
          "p_worker"?: string;
        };
        Returns: {
          "lease_seconds": number;
          "message": string;
          "refusal": string;
          "run_id": number;
        }[];
      };
      "jobforge_verify_audit": {
        Args: {
          "p_after_seq"?: number;
          "p_known_hash"?: string;
          "p_known_seq"?: number;
          "p_limit"?: number;
        };
        Returns: Json;
      };
      "jobforge_watch_jobs": {
        Args: { "p_job_id"?: string; "p_tenant_id"?: string };
        Returns: Json;
      };
      "jobforge_webhook_endpoint": { Args: { "p_id": string }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
