import { type Mutant, schema } from "../mutant.ts";

const errors = schema("10_foundation/errors");
const fits = schema("10_foundation/jsonb_fits");

/** Faults in the bounds of JSON and of messages. */
export const foundation: Mutant[] = [
  {
    name: "JSON is written out before its numbers are counted",
    file: fits,
    find: "if v_bytes > 1024 then",
    replace: "if false then",
    tests: ["jsonb_fits/refuses_numbers_that_print_as_gigabytes.test.sql"],
  },
  {
    name: "large elements of a list are not measured",
    file: fits,
    find: "else p_max_bytes + 1 end",
    replace: "else 0 end",
    tests: ["jsonb_fits/counts_the_bytes_of_the_text.test.sql"],
  },
  {
    name: "zeros and small numbers are not counted",
    file: fits,
    find: " || @.abs() < 1e-64",
    replace: "",
    tests: ["jsonb_fits/refuses_numbers_that_print_as_gigabytes.test.sql"],
  },
  {
    name: "JSON may be nested to any depth",
    file: fits,
    find: " or jsonb_path_exists(p_value, '$.**{32 to last}')",
    replace: "",
    tests: ["jsonb_fits/refuses_what_is_nested_32_deep.test.sql"],
  },
  {
    name: "a bound in bytes is exclusive",
    file: fits,
    find: "octet_length(p_value::text) <= p_max_bytes",
    replace: "octet_length(p_value::text) < p_max_bytes",
    tests: ["jsonb_fits/counts_the_bytes_of_the_text.test.sql"],
  },
  {
    name: "a message may have a line break",
    file: errors,
    find: "'[^ -~–]', '?', 'g'",
    replace: "'[^\\r\\n -~–]', '?', 'g'",
    tests: ["fail/writes_one_short_printable_line.test.sql"],
  },
  {
    name: "a message may have any length",
    file: errors,
    find: "'g'), 200);",
    replace: "'g'), 2000000);",
    tests: ["fail/writes_one_short_printable_line.test.sql"],
  },
  {
    name: "a hint is written as it came",
    file: errors,
    find: "hint = jobforge.printable(p_hint, 200)",
    replace: "hint = p_hint",
    tests: ["fail/writes_one_short_printable_line.test.sql"],
  },
  {
    name: "a message repeats all of a caller's value",
    file: errors,
    find: '[^"]{0,40}',
    replace: '[^"]{0,150}',
    tests: ["fail/writes_one_short_printable_line.test.sql"],
  },
  {
    name: "a value may end its own quotation",
    file: errors,
    find: "40), '\"', '''')",
    replace: "40), '', '')",
    tests: ["quote/shortens_a_callers_value.test.sql"],
  },
  {
    name: "the Data API ignores the statement_timeout of a function",
    file: "local/stand_ins/data_api.ts",
    find: "if (calledFunction !== undefined) {",
    replace: "if (calledFunction === null) {",
    tests: ["local/stand_ins/data_api_test.ts"],
  },
  {
    name: "setup needs a pg_cron that has seconds",
    file: schema("50_dispatch/schedule_task"),
    find: "perform cron.schedule(p_name, '* * * * *', p_command);",
    replace: "perform cron.schedule(p_name, '9 seconds', p_command);",
    tests: ["supabase/tests/setup/old_pg_cron_test.ts"],
  },
  {
    name: "a restored row meets that of the installation",
    file: schema("97_initial_rows"),
    find: "execute format('delete from %s where %s', tg_relid::regclass, v_same_key) using new;",
    replace: "",
    tests: ["tables/a_restored_row_replaces_that_of_the_installation.test.sql"],
  },
  {
    name: "a restored row replaces all others",
    file: schema("97_initial_rows"),
    find: "where %s', tg_relid::regclass, v_same_key) using new;",
    replace: "where true', tg_relid::regclass) using new;",
    tests: ["tables/a_restored_row_replaces_that_of_the_installation.test.sql"],
  },
  {
    name: "a restore without triggers meets the rows of the installation",
    file: schema("97_initial_rows"),
    find: "enable always trigger",
    replace: "enable trigger",
    tests: ["tables/a_restored_row_replaces_that_of_the_installation.test.sql"],
  },
  {
    name: "a function that writes may take any time",
    file: schema("70_connectors/close_host"),
    find: "set statement_timeout = '2s'\n",
    replace: "",
    tests: ["catalog/public_functions_that_write_end_in_time.test.sql"],
  },
  {
    name: "a host in capitals is another one in Turkish",
    file: schema("70_connectors/close_host"),
    find: 'values (p_tenant_id, lower(p_host collate "C"), v_until)',
    replace: "values (p_tenant_id, lower(p_host), v_until)",
    tests: ["supabase/tests/pgtap/unusual_settings_test.ts"],
  },
  {
    name: "a pattern depends on standard_conforming_strings",
    file: schema("70_connectors/00_config_schemas"),
    find: String.raw`E'[#\\\\]'`,
    replace: String.raw`'[#\\]'`,
    tests: ["supabase/tests/pgtap/unusual_settings_test.ts"],
  },
];
