import { type Mutant, schema } from "../mutant.ts";

/** Faults in what a connector's configuration may hold. */
export const configurations: Mutant[] = [
  {
    name: "users configure connectors",
    file: schema("70_connectors/configure_connector"),
    find: "  perform jobforge.require_service();\n  return jobforge.save_connector(",
    replace: "  return jobforge.save_connector(",
    tests: ["rights/services_are_asked_for_twice.test.sql"],
  },
  {
    name: "a delivery's headers hold a credential that the tenant reads",
    file: schema("70_connectors/00_connector_schema"),
    find: "|authorization|cookie|secret|token|password|api-?key|credential|signature",
    replace: "",
    tests: ["configure_connector/refuses_invalid_settings_of_deliveries.test.sql"],
  },
  {
    name: "a wildcard before a public suffix is saved",
    file: schema("70_connectors/00_callable_hosts"),
    find: "select '^[*][.](?:' ||",
    replace: "select '^[*][*][.](?:' ||",
    tests: ["configure_connector/refuses_what_could_never_match.test.sql"],
  },
  {
    name: "a port of another protocol is saved",
    file: schema("70_connectors/00_config_schemas"),
    find: "= any (jobforge.foreign_ports()::numeric[])",
    replace: "< any (jobforge.foreign_ports()::numeric[]) and false",
    tests: ["configure_connector/refuses_what_could_never_match.test.sql"],
  },
  {
    name: "a delivery to a reserved host is saved",
    file: schema("70_connectors/00_connector_schema"),
    find: "'unlike', jobforge.uncallable_url_pattern(),",
    replace: "'unlike', '[#\\\\]',",
    tests: ["configure_connector/refuses_what_could_never_match.test.sql"],
  },
  {
    name: "a configuration that calls the project itself is saved",
    file: schema("70_connectors/configure_connector"),
    find: "if p_connector <> 'webhook-verify' and jobforge.names_own_project(p_config) then",
    replace: "if false then",
    tests: ["configure_connector/refuses_hosts_of_the_project_itself.test.sql"],
  },
  {
    name: "a webhook endpoint cannot be at its own project",
    file: schema("70_connectors/configure_connector"),
    find: "if p_connector <> 'webhook-verify' and jobforge.names_own_project(p_config) then",
    replace: "if jobforge.names_own_project(p_config) then",
    tests: ["configure_connector/refuses_hosts_of_the_project_itself.test.sql"],
  },
  {
    name: "a delivery goes by plain http",
    file: schema("70_connectors/00_config_schemas"),
    find: "'|http://127[.]0[.]0[.]1)",
    replace: "'|http://[a-z0-9.-]+)",
    tests: ["configure_connector/refuses_invalid_urls.test.sql"],
  },
];
