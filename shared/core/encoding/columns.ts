/** Rows as an object of arrays, so that each name comes once. */
export type Columns<Row> = { [Name in keyof Row]: Row[Name][] };

/** Returns the rows of `columns`. Throws a RangeError when its arrays differ in length. */
export function rowsOf<Row extends object>(columns: Columns<Row>): Row[] {
  const names = Object.keys(columns) as (keyof Row)[];
  const length = columns[names[0]!]?.length ?? 0;
  for (const name of names) {
    if (columns[name].length !== length) throw new RangeError(`${String(name)} is cut short`);
  }
  return Array.from({ length }, (_, index) => {
    const row = {} as Row;
    for (const name of names) row[name] = columns[name][index]!;
    return row;
  });
}
