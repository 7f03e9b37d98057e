import { connect, type Sql } from "../../local/postgres/database.ts";
import { PAYLOAD } from "../harness/jobforge.ts";
import type { Server } from "../harness/server.ts";

/** A plain table: what inserting the same payload costs at least. */
export interface Raw {
  /** Opens connections, closed by `close()`. */
  open(count: number): Promise<Sql[]>;
  insert(sql: Sql, tenant: number): Promise<void>;
  insertBatch(sql: Sql, tenant: number, count: number): Promise<void>;
  wipe(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the table in a database of its own. */
export async function openRaw(server: Server): Promise<Raw> {
  const url = await server.makeDatabase("bench_raw");
  const opened: Sql[] = [];
  const open = async (count: number) => {
    const connections = Array.from({ length: count }, () => connect(url));
    opened.push(...connections);
    await Promise.all(connections.map((sql) => sql`select 1`));
    return connections;
  };
  const [sql] = await open(1);
  await sql!`
    create table raw (
      id bigint generated always as identity primary key,
      tenant int not null,
      status text not null default 'queued',
      run_at timestamptz not null default now(),
      payload jsonb not null)
  `;
  return {
    open,
    async insert(client, tenant) {
      await client`insert into raw (tenant, payload) values (${tenant}, ${client.json(PAYLOAD)})`;
    },
    async insertBatch(client, tenant, count) {
      const payloads = Array.from({ length: count }, () => PAYLOAD);
      await client`
        insert into raw (tenant, payload)
        select ${tenant}, p.value from jsonb_array_elements(${client.json(payloads)}) as p
      `;
    },
    wipe: async () => void await sql!`truncate raw`,
    close: async () => void await Promise.all(opened.map((connection) => connection.end())),
  };
}
