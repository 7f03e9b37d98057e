import { splitStatements } from "../../../local/postgres/migrate.ts";
import { createTestDatabase, type TestDatabase } from "../../../local/test/test_database.ts";
import { preparePgtap } from "../pgtap/suite.ts";

/** Functions as they are and as a mutant has them, in the order of the file. */
export interface ChangedFunctions {
  original: string[];
  mutated: string[];
}

const CREATE = /^create function/m;
const CALL = /^select /;

/**
 * The functions a mutant changes in a schema file. Undefined when it changes anything else, or when
 * the file calls functions, whose effect would not change with them.
 */
export function changedFunctions(before: string, after: string): ChangedFunctions | undefined {
  const [old, fresh] = [splitStatements(before), splitStatements(after)];
  if (old.length !== fresh.length || old.some((text) => CALL.test(text))) return undefined;
  const changed = old.keys().filter((index) => old[index] !== fresh[index]).toArray();
  if (!changed.every((index) => CREATE.test(old[index]!) && CREATE.test(fresh[index]!))) {
    return undefined;
  }
  const replacing = (statements: string[]) =>
    changed.map((index) => statements[index]!.replace(CREATE, "create or replace function"));
  return { original: replacing(old), mutated: replacing(fresh) };
}

/**
 * One migrated database for all mutants that change functions only: those are replaced, which
 * keeps their rights, and put back. It saves making a database for each.
 */
export class SwapDatabase {
  private constructor(readonly database: TestDatabase) {}

  static async make(migrations: string, tests: string): Promise<SwapDatabase> {
    const database = await createTestDatabase({ sources: { migrations } });
    await preparePgtap(database, tests);
    return new SwapDatabase(database);
  }

  /** Runs `use` while the mutant's functions stand in for the real ones. */
  async with<T>(functions: ChangedFunctions, use: () => Promise<T>): Promise<T> {
    const { sql } = this.database;
    await sql.unsafe(functions.mutated.join(";\n"));
    try {
      return await use();
    } finally {
      await sql.unsafe(functions.original.join(";\n"));
    }
  }
}
