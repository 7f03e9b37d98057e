import { type Mutant, schema } from "../mutant.ts";

const file = (name: string) => schema(`75_destinations/${name}`);
const test = (name: string) => `${name}.test.sql`;
const concurrency = "supabase/tests/concurrency/publish_test.ts";

/** Faults in messages that are published, and in who manages their destinations. */
export const destinations: Mutant[] = [
  {
    name: "a prefix takes what only begins like it",
    file: file("00_destinations"),
    find: "left(subscribed.type, -1)",
    replace: "left(subscribed.type, -2)",
    tests: [test("publish/sends_to_those_that_subscribed")],
  },
  {
    name: "a disabled destination gets messages",
    file: file("publish"),
    find: " and destination.enabled\n",
    replace: "\n",
    tests: [test("publish/sends_to_those_that_subscribed")],
  },
  {
    name: "a message goes to destinations of other tenants",
    file: file("publish"),
    find: "where destination.tenant_id = v_tenant_id\n        and ",
    replace: "where ",
    tests: [test("publish/sends_to_those_that_subscribed")],
  },
  {
    name: "an event is published twice",
    file: file("publish"),
    find: "  values (p_tenant_id, (jobforge.id_prefix(v_now) || to_hex(32768 + (random() * " +
      "16383)::int)\n    || right(gen_random_uuid()::text, 12))::uuid, p_event_type, p_data, " +
      "p_event_id,",
    replace: "  values (p_tenant_id, (jobforge.id_prefix(v_now) || to_hex(32768 + (random() * " +
      "16383)::int)\n    || right(gen_random_uuid()::text, 12))::uuid, p_event_type, p_data, null,",
    tests: [test("publish/is_idempotent_by_event_id")],
  },
  {
    name: "an event ID may stand for other data",
    file: file("publish"),
    find: "(v_message.event_type, v_message.data) is distinct from (p_event_type, p_data)",
    replace: "v_message.event_type is distinct from p_event_type",
    tests: [test("publish/is_idempotent_by_event_id")],
  },
  {
    name: "a publish waits for another one as long as that lasts",
    file: file("publish"),
    find: "set lock_timeout = '1s' -- the same event ID in a transaction that is still open",
    replace: "",
    tests: [concurrency],
  },
  {
    name: "a message of any size is stored",
    file: file("publish"),
    find: "not jobforge.jsonb_fits(p_data, 262144)",
    replace: "not jobforge.jsonb_fits(p_data, 262145)",
    tests: [test("publish/refuses_what_cannot_be_sent")],
  },
  {
    name: "a message is stored for an erased tenant",
    file: file("publish"),
    find: "  perform jobforge.refuse_erased(p_tenant_id);\n",
    replace: "",
    tests: [test("publish/refuses_what_cannot_be_sent")],
  },
  {
    name: "a tenant has any number of destinations",
    file: schema("70_connectors/configure_connector"),
    find: "name <> p_name) >= 50",
    replace: "name <> p_name) >= 51",
    tests: [test("configure_connector/bounds_destinations_and_subscriptions")],
  },
  {
    name: "users manage destinations without permission",
    file: file("configure_destination"),
    find: "  perform jobforge.require_destination_manager();\n",
    replace: "",
    tests: [test("configure_destination/needs_the_operators_permission")],
  },
  {
    name: "users delete destinations without permission",
    file: file("delete_destination"),
    find: "  perform jobforge.require_destination_manager();\n",
    replace: "",
    tests: [test("configure_destination/needs_the_operators_permission")],
  },
  {
    name: "users rotate the secret of a destination without permission",
    file: file("rotate_destination_secret"),
    find: "  perform jobforge.require_destination_manager();\n",
    replace: "",
    tests: [test("rotate_destination_secret/keeps_the_first_for_the_overlap")],
  },
  {
    name: "a destination signs by a secret that does not exist",
    file: file("configure_destination"),
    find: "    perform jobforge.refuse_unknown_secret(p_tenant_id, p_settings ->> 'secret');\n",
    replace: "",
    tests: [test("configure_destination/refuses_invalid_settings")],
  },
  {
    name: "a change enables what an operator disabled",
    file: file("configure_destination"),
    find: "coalesce(v_before.enabled, true)",
    replace: "true",
    tests: [test("configure_destination/keeps_what_is_left_out")],
  },
  {
    name: "a deleted destination leaves its secret",
    file: file("delete_destination"),
    find: "  perform jobforge.revoke_unused_secrets(v_config);\n",
    replace: "",
    tests: [test("delete_destination/sends_nothing_more_to_it")],
  },
  {
    name: "a deleted destination takes a secret along that another one uses",
    file: file("delete_destination"),
    find: "and secret_refs @> array[named.ref])",
    replace: "and false)",
    tests: [test("delete_destination/sends_nothing_more_to_it")],
  },
];
