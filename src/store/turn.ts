/**
 * Whose turn it is on the embedded engine, which has one session for all. In: whole batches of clients, each with a
 * login. Out: the engine's replies, each to the client that asked. A client keeps the engine while its transaction is
 * open; others wait in the order they came. A reply got under another name than the client's is never delivered.
 */
import type { Seat, Session } from './seat.ts';
import { refusedBatch } from './statement.ts';
import { failure, type Message, query, ready, type Status, statusOf } from './wire.ts';

export interface Client {
  readonly seat: Seat;
  send(bytes: Buffer): void;
  /** Sends the last words and closes the connection. */
  end(bytes: Buffer): void;
}

export interface TurnLimits {
  /** A transaction whose client says nothing is rolled back after this; the connection ends, as PostgreSQL does it. */
  readonly idleMs: number;
  /** One that failed already is rolled back sooner, unseen: its client may still send its own rollback. */
  readonly abortedMs: number;
}
export const TURN_LIMITS: TurnLimits = { idleMs: 5_000, abortedMs: 1_000 };

export interface Turns {
  submit(client: Client, batch: readonly Message[]): void;
  leave(client: Client): void;
  /** Runs work as the engine's owner, between two clients' turns; what it leaves open when it fails is rolled back. */
  asOwner<T>(work: (must: Session['must']) => Promise<T>): Promise<T>;
}

/** `lost` is called once, when the engine itself failed: nothing can be served any more. */
export function makeTurns(session: Session, lost: (why: unknown) => void, limits: TurnLimits = TURN_LIMITS): Turns {
  type Job = { readonly client: Client; readonly batch: readonly Message[] };
  const waiting: Job[] = [];
  const owners: (() => Promise<void>)[] = [];
  const gone = new WeakSet<Client>();
  /** Clients whose failed transaction was rolled back while they were silent: to them it is still failed. */
  const aborted = new WeakSet<Client>();
  let busy = false;
  /** The session's transaction status, and the client whose transaction it is; none when `I`. */
  let status: Status = 'I';
  let holder: Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  function hold(client: Client, now: Status) {
    status = now;
    holder = now === 'I' ? undefined : client;
  }

  async function rollBack() {
    clearTimeout(timer);
    if (status !== 'I') await session.must('rollback');
    status = 'I';
    holder = undefined;
  }

  /** The session's transaction fails, as after any error; one is begun for a client that believes to be in one. */
  async function fail(client: Client) {
    if (status === 'I') await session.must('begin');
    await session.run(NONSENSE);
    hold(client, 'E');
  }

  async function serve({ client, batch }: Job) {
    clearTimeout(timer);
    await session.take(client);
    if (aborted.delete(client)) await fail(client);
    const refusal = refusedBatch(batch);
    let reply: Buffer;
    if (refusal) {
      if (status === 'T') await fail(client);
      reply = Buffer.concat([failure('ERROR', refusal.code, refusal.text), ready(status)]);
    } else {
      reply = await session.run(Buffer.concat(batch.map(m => m.bytes)));
      const after = statusOf(reply);
      if (after === undefined) throw new Error('the embedded engine did not end its reply');
      hold(client, after);
      // In a failed transaction nothing can be asked, and nothing can be done either.
      if (after !== 'E' && !(await session.isStill(client.seat, after === 'T'))) {
        gone.add(client);
        client.end(failure('FATAL', '42501', 'the session left its compartment; its reply is not delivered'));
      }
    }
    if (gone.has(client)) return rollBack();
    client.send(reply);
    if (status !== 'I') watch(client, status);
  }

  function watch(client: Client, state: Status) {
    const late = () => {
      if (busy || holder !== client) return;
      void turn(async () => {
        await rollBack();
        if (state === 'E') return void aborted.add(client);
        gone.add(client);
        client.end(failure('FATAL', '25P03', `rolled back: the transaction was idle for ${limits.idleMs} ms`));
      });
    };
    // Twice round the event loop, for what has arrived and is not read yet: reading it starts a turn.
    const ms = state === 'T' ? limits.idleMs : limits.abortedMs;
    timer = setTimeout(() => setImmediate(() => setImmediate(late)), ms);
  }

  async function turn(work: () => Promise<void>) {
    busy = true;
    try {
      await work();
    } catch (thrown) {
      return lost(thrown);
    }
    busy = false;
    next();
  }

  function next() {
    if (busy) return;
    if (holder && gone.has(holder)) return void turn(rollBack);
    const owner = holder ? undefined : owners.shift();
    if (owner) return void turn(owner);
    const index = holder ? waiting.findIndex(job => job.client === holder) : 0;
    const job = index < 0 ? undefined : waiting.splice(index, 1)[0];
    if (job) void turn(() => serve(job));
  }

  return {
    submit(client, batch) {
      if (gone.has(client)) return;
      waiting.push({ client, batch });
      next();
    },
    leave(client) {
      gone.add(client);
      for (let i = waiting.length - 1; i >= 0; i--) if (waiting[i]?.client === client) waiting.splice(i, 1);
      next();
    },
    asOwner: work =>
      new Promise((resolve, reject) => {
        owners.push(async () => {
          await session.takeAsOwner();
          try {
            resolve(await work(session.must));
          } catch (thrown) {
            await session.run(query('rollback'));
            reject(thrown);
          }
        });
        next();
      }),
  };
}

/** A statement that cannot be parsed. */
const NONSENSE = query('refused');
