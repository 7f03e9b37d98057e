/** A program for Node: sends requests through the egress client and prints what became of each. */
import process from "node:process";
import { createEgress } from "../../shared/adapters/egress/egress.ts";
import { get, never, policy, site } from "../../shared/adapters/egress/fake_egress.ts";
import { nodeDial, nodeResolver } from "../../shared/adapters/egress/node_network.ts";

/** A request to a server on loopback. */
export interface NodeCase {
  url: string;
  port: number;
  /** What is trusted beside Node's authorities. */
  authority?: string;
  /** Answers all lookups, in place of 127.0.0.1 for every name. */
  nameServer?: string;
  /** Milliseconds until the request is given up. */
  stopAfter?: number;
}

/** The answer, or the code of the error. */
export type NodeAnswer = { status: number; body: string } | { code: string; message: string };

async function send(
  { url, port, authority, nameServer, stopAfter }: NodeCase,
): Promise<NodeAnswer> {
  const resolve = nameServer ? nodeResolver(nameServer) : () => Promise.resolve(["127.0.0.1"]);
  const dial = nodeDial(authority ? [authority] : []);
  const signal = stopAfter === undefined ? never : AbortSignal.timeout(stopAfter);
  try {
    const egress = createEgress({ site: site(port), resolve, dial });
    const { status, body } = await egress(get(url), policy(port), signal);
    return { status, body: new TextDecoder().decode(body) };
  } catch (thrown) {
    const { code, name, message } = thrown as Error & { code?: unknown };
    return { code: typeof code === "string" ? code : name, message };
  }
}

const cases: NodeCase[] = JSON.parse(process.argv[2]!);
console.log(JSON.stringify(await Promise.all(cases.map(send))));
