import type { Mutant } from "../mutant.ts";

const shapes = ["cli/install/shapes_test.ts"];
const compose = ["cli/install/compose_test.ts"];
const auth = ["local/stand_ins/auth_test.ts"];

/** Faults of init in projects of many shapes, and of the local users that apps need. */
export const shapesOfProjects: Mutant[] = [
  {
    name: "an old zod of the app is kept",
    file: "cli/install/zod_version.ts",
    find: "const old = found.find(({ range }) => isOld(range));",
    replace: "const old = found.find(() => false);",
    tests: shapes,
  },
  {
    name: "the zod of another package of a monorepo is not seen",
    file: "cli/install/zod_version.ts",
    find: "...(await foldersBelow(repository, DEPTH)).filter(",
    replace: "...([] as string[]).filter(",
    tests: shapes,
  },
  {
    name: "an older Supabase CLI gets the options of the newest",
    file: "cli/install/next_steps.ts",
    find: "return Number.parseInt(JSON.parse(text).version) < 3 ? LINKED : NEWEST;",
    replace: "return NEWEST;",
    tests: shapes,
  },
  {
    name: "a linked project must be named again",
    file: "cli/install/next_steps.ts",
    find: "const known = ref && /^[a-z0-9]{1,40}$/.test(ref) ? ref : undefined;",
    replace: "const known = undefined;",
    tests: shapes,
  },
  {
    name: "a tsconfig.json above the project is not seen",
    file: "cli/install/plan_install.ts",
    find: "if (folder === repository) return;",
    replace: "return;",
    tests: shapes,
  },
  {
    name: "the team's pattern of schema files is not read",
    file: "cli/install/config_toml.ts",
    find: 'names.some((name) => name === "*.sql" || name === file)',
    replace: "names.includes(file)",
    tests: shapes,
  },
  {
    name: "declarative schemas get another schema than the migration",
    file: "cli/install/plan_install.ts",
    find: "path in draft.record.files) {\n    await addFile(draft, path, text);",
    replace: "path in draft.record.files) {\n    await addFile(draft, path, `${text}\\n`);",
    tests: shapes,
  },
  {
    name: "the migration takes the rights of the team's functions",
    file: "supabase/schemas/99_rights.sql",
    find: "select jobforge.apply_rights();",
    replace: "select jobforge.apply_rights();\n" +
      "revoke execute on all functions in schema public from public, postgres;",
    tests: shapes,
  },
  {
    name: "the worker's health announces no URL",
    file: "supabase/functions/worker/app.ts",
    find: "await deps.announce();",
    replace: "",
    tests: ["supabase/functions/tests/announce_test.ts"],
  },
  {
    name: "job files stand where functions of a compose folder do not see them",
    file: "cli/install/layout.ts",
    find: 'jobs: "volumes/functions/_jobs",',
    replace: 'jobs: "volumes/jobs",',
    tests: compose,
  },
  {
    name: "functions of a compose folder import from outside of it",
    file: "cli/install/layout.ts",
    find: 'jobsFromFunction: "../_jobs"',
    replace: 'jobsFromFunction: "../../jobs"',
    tests: compose,
  },
  {
    name: "a compose folder gets the commands of the Supabase CLI",
    file: "cli/install/next_steps.ts",
    find: "return await layoutOf(root) === COMPOSE_LAYOUT;",
    replace: "return root === null;",
    tests: compose,
  },
  {
    name: "a router that wants tokens is not reported",
    file: "cli/install/plan_install.ts",
    find: 'if (FUNCTIONS_VERIFY_JWT !== "true") return;',
    replace: "return;",
    tests: compose,
  },
  {
    name: "a compose folder gets no declarative schemas, without a word",
    file: "cli/install/plan_install.ts",
    find: "if (wanted) throw rejected(",
    replace: "if (wanted === null) throw rejected(",
    tests: compose,
  },
  {
    name: "setup stores the URL that this machine uses",
    file: "cli/commands/setup.ts",
    find: "options.projectUrl ?? session.project.url",
    replace: "session.project.url",
    tests: compose,
  },
  {
    name: "local tokens have no tenant",
    file: "local/stand_ins/auth.ts",
    find: "iss, app_metadata, user_metadata };",
    replace: "iss, user_metadata };",
    tests: auth,
  },
  {
    name: "every caller creates local users",
    file: "local/stand_ins/auth.ts",
    find: "if (!await deps.isAdmin(request)) return refused(",
    replace: "if (!deps) return refused(",
    tests: auth,
  },
  {
    name: "a local user keeps what the backend deleted",
    file: "local/stand_ins/auth.ts",
    find: "set raw_app_meta_data = jsonb_strip_nulls(raw_app_meta_data || ${app}),",
    replace: "set raw_app_meta_data = raw_app_meta_data || jsonb_strip_nulls(${app}),",
    tests: auth,
  },
  {
    name: "pages may not read what local Auth answers",
    file: "local/stack/gateway.ts",
    find: ": readable(await api.fetch(request));",
    replace: ": await api.fetch(request);",
    tests: auth,
  },
];
