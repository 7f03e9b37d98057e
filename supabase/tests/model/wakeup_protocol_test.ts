import assert from "node:assert/strict";

/**
 * The protocol between enqueues and claims that park a queue, as a model: every interleaving of the
 * statements of an enqueue and two claims, two rounds each, at READ COMMITTED. A wake-up is lost when a job is ready,
 * the queue sleeps, and nothing is left that makes a claim look at it. See
 * supabase/schemas/30_queues/enter_queue.sql and promote.sql, whose steps these are.
 */
interface World {
  /** What is committed. */
  runnable: boolean;
  ready: number;
  wakeups: number;
  /** The rows of parked_queues. The first look after the parking notes the horizon. */
  parked: { id: number; horizon: number | null }[];
  /** Holder of the queue's row. */
  holder: number | null;
  /** The next transaction number, and the numbers of open transactions. */
  next: number;
  open: number[];
  processes: Process[];
}

interface Process {
  kind: "enqueue" | "claim";
  step: number;
  rounds: number;
  number: number;
  /** What the enqueue saw. */
  awake: boolean;
  /** What the transaction wrote, until it commits. */
  pending: Pending;
}

interface Pending {
  ready: number;
  wakeups: number;
  runnable?: boolean;
  parks: number;
  /** Rows of parked_queues that get this horizon or are deleted. */
  noted: [number, number][];
  deleted: number[];
}

/** What a variant of the protocol leaves out, to show that the model finds the fault. */
interface Variant {
  /** A claim that parks notes nothing. */
  forgets?: boolean;
  /** A noted queue is forgotten at the next look, with transactions still open. */
  hasty?: boolean;
  /** The horizon is taken by the transaction that parks, before it commits. */
  early?: boolean;
  /** The enqueue looks at the queue before it has its number. */
  unnumbered?: boolean;
}

const NOTHING: Pending = { ready: 0, wakeups: 0, parks: 0, noted: [], deleted: [] };

Deno.test("no interleaving of enqueues and claims loses a wake-up", () => {
  const { lost, states } = explore({});
  assert.equal(lost, undefined);
  assert.ok(states > 1_000, `${states} states`);
});

for (
  const [name, variant] of Object.entries<Variant>({
    "parking without a note": { forgets: true },
    "a note that the next look deletes": { hasty: true },
    "a horizon taken before the parking is committed": { early: true },
    "a look at the queue before the transaction has its number": { unnumbered: true },
  })
) {
  Deno.test(`the model finds the lost wake-up of ${name}`, () => {
    assert.ok(explore(variant).lost);
  });
}

function explore(variant: Variant): { lost?: World; states: number } {
  const process = (kind: Process["kind"], rounds: number): Process => ({
    ...{ kind, rounds, step: 0, number: 0, awake: false, pending: NOTHING },
  });
  const start: World = {
    ...{ runnable: true, ready: 0, wakeups: 0, parked: [], holder: null, next: 1, open: [] },
    processes: [process("enqueue", 1), process("claim", 2), process("claim", 2)],
  };
  const seen = new Set<string>();
  const todo = [start];
  while (todo.length > 0) {
    const world = todo.pop()!;
    const key = stateOf(world);
    if (seen.has(key)) continue;
    seen.add(key);
    const following = world.processes.flatMap((_, index) => advance(world, index, variant) ?? []);
    if (following.length === 0 && isLost(world)) return { lost: world, states: seen.size };
    todo.push(...following);
  }
  return { states: seen.size };
}

/** The state as a key. Only the order of transaction numbers matters, so they are ranked. */
function stateOf(world: World): string {
  const numbers = new Set(world.open);
  for (const { id, horizon } of world.parked) numbers.add(id).add(horizon ?? id);
  for (const { pending } of world.processes) {
    for (const [id, horizon] of pending.noted) if (id) numbers.add(id).add(horizon);
    for (const id of pending.deleted) numbers.add(id);
  }
  const ranks = [...numbers].sort((one, other) => one - other);
  const rank = (number: number | null) => number && ranks.indexOf(number) + 1;
  return JSON.stringify([
    ...[world.runnable, world.ready, world.wakeups, world.holder, world.open.map(rank)],
    world.parked.map(({ id, horizon }) => [rank(id), rank(horizon)]),
    world.processes.map(({ step, rounds, number, awake, pending }) => [
      ...[step, rounds, rank(number), awake, pending.ready, pending.wakeups, pending.runnable],
      ...[pending.parks, pending.noted.map(([id, at]) => [rank(id), rank(at)])],
      pending.deleted.map(rank),
    ]),
  ]);
}

/** Every process has ended, and nothing makes a later claim look at the queue. */
function isLost({ runnable, ready, wakeups, parked }: World): boolean {
  return ready > 0 && !runnable && wakeups === 0 && parked.length === 0;
}

function advance(world: World, index: number, variant: Variant): World | undefined {
  const next = structuredClone(world);
  const process = next.processes[index]!;
  if (process.rounds === 0) return undefined;
  if (process.kind === "enqueue") enqueueStep(next, process, variant);
  else claimStep(next, index, process, variant);
  return next;
}

function enqueueStep(world: World, process: Process, variant: Variant): void {
  const order = variant.unnumbered
    ? ["look", "number", "insert", "commit"]
    : ["number", "look", "insert", "commit"];
  switch (order[process.step++]) {
    case "number":
      return takeNumber(world, process);
    case "look":
      // A wake-up that is already there does for this work too.
      process.awake = world.runnable || world.wakeups > 0;
      return;
    case "insert":
      process.pending = { ...NOTHING, ready: 1, wakeups: process.awake ? 0 : 1 };
      return;
    default:
      commit(world, process);
  }
}

/** One call of a worker: it promotes, takes what is ready, and parks what it finds empty. */
function claimStep(world: World, index: number, process: Process, variant: Variant): void {
  switch (process.step++) {
    case 0:
      return takeNumber(world, process);
    case 1:
      return lookAtParked(world, process, variant);
    case 2: // wake-ups: the queue is locked or the wake-up stays
      if (world.wakeups > 0 && lock(world, index)) {
        process.pending.wakeups -= world.wakeups;
        lookAt(world, process, variant);
      }
      return;
    case 3: // the claim: SKIP LOCKED
      if ((process.pending.runnable ?? world.runnable) && lock(world, index)) {
        process.awake = world.ready + process.pending.ready > 0;
        process.pending.ready = -world.ready;
      } else process.awake = true; // nothing to park
      return;
    case 4: // a new statement looks again before it parks
      if (!process.awake) lookAt(world, process, variant);
      return;
    default:
      commit(world, process);
      if (world.holder === index) world.holder = null;
      Object.assign(process, { step: process.rounds > 0 ? 0 : process.step });
  }
}

function lookAtParked(world: World, process: Process, variant: Variant): void {
  const others = world.open.filter((number) => number !== process.number);
  const filled = world.ready > 0;
  for (const { id, horizon } of world.parked) {
    if (filled && world.holder === null) process.pending.deleted.push(id);
    else if (horizon === null) process.pending.noted.push([id, world.next]);
    else if (!filled && (variant.hasty || others.every((number) => number >= horizon))) {
      process.pending.deleted.push(id);
    }
  }
  if (filled && world.parked.length > 0 && world.holder === null) {
    world.holder = world.processes.indexOf(process);
    process.pending.runnable = true;
  }
}

/** Locks the queue, decides by what is committed now, and notes that it was found empty. */
function lookAt(world: World, process: Process, variant: Variant): void {
  const ready = world.ready + process.pending.ready > 0;
  process.pending.runnable = ready;
  if (!ready && !variant.forgets) process.pending.parks++;
  if (!ready && variant.early) process.pending.noted.push([0, world.next]);
}

function lock(world: World, index: number): boolean {
  if (world.holder !== null && world.holder !== index) return false;
  world.holder = index;
  return true;
}

function takeNumber(world: World, process: Process): void {
  process.number = world.next++;
  world.open.push(process.number);
  process.pending = structuredClone(NOTHING);
}

function commit(world: World, process: Process): void {
  const { pending } = process;
  world.ready += pending.ready;
  world.wakeups += pending.wakeups;
  world.runnable = pending.runnable ?? world.runnable;
  const noted = new Map(pending.noted);
  world.parked = world.parked.filter(({ id }) => !pending.deleted.includes(id))
    .map(({ id, horizon }) => ({ id, horizon: horizon ?? noted.get(id) ?? null }));
  // The number of the transaction that parked is the id of its row.
  if (pending.parks) world.parked.push({ id: process.number, horizon: noted.get(0) ?? null });
  world.open = world.open.filter((number) => number !== process.number);
  Object.assign(process, { rounds: process.rounds - 1, number: 0, awake: false, pending: NOTHING });
}
