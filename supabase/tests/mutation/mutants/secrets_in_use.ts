import { type Mutant, schema } from "../mutant.ts";

const publish = ["supabase/tests/concurrency/publish_test.ts"];
const waits = ["supabase/tests/concurrency/bounded_waits_test.ts"];

/** Faults in changes of connectors and destinations, and of what they share, at one moment. */
export const secretsInUse: Mutant[] = [
  {
    name: "a destination is deleted with a secret that another one just named",
    file: schema("75_destinations/delete_destination"),
    find: "  perform jobforge.lock_secrets_of(v_tenant_id);\n",
    replace: "",
    tests: publish,
  },
  {
    name: "a destination is made with a secret that is being deleted",
    file: schema("75_destinations/configure_destination"),
    find: "  perform jobforge.lock_secrets_of(p_tenant_id);\n",
    replace: "",
    tests: publish,
  },
  {
    name: "a destination that an operator deletes is deleted twice",
    file: schema("75_destinations/delete_destination"),
    find: "  if not found then\n    -- An operator",
    replace: "  if false then\n    -- An operator",
    tests: publish,
  },
  {
    name: "an operator waits for a user who pauses a destination",
    file: schema("70_connectors/configure_connector"),
    find: "    where not exists (\n" +
      "      select from jobforge.destination_states where destination_id = v_after.id);",
    replace: "    on conflict (destination_id) do nothing;",
    tests: waits,
  },
  {
    name: "a configuration waits for another one as long as that lasts",
    file: schema("70_connectors/configure_connector"),
    find: "set lock_timeout = '1s'\n",
    replace: "",
    tests: waits,
  },
  {
    name: "the deletion of a connector waits for another one as long as that lasts",
    file: schema("70_connectors/delete_connector"),
    find: "set lock_timeout = '1s'\n",
    replace: "",
    tests: waits,
  },
];
