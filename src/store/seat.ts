/**
 * The embedded engine's one session, and whose it is right now. Before a batch it becomes the client's login, by
 * SET SESSION AUTHORIZATION, so that even RESET ROLE would stay inside the compartment; after a batch it is asked.
 */
import { CLOSE_UNNAMED, query, readReply, SYNC } from './wire.ts';

/** Runs bytes of the protocol and gives back all that the server said. Throws only when the engine is lost. */
export type Run = (bytes: Uint8Array) => Promise<Buffer>;

/** What a login is to the engine. */
export interface Seat {
  readonly role: string;
  readonly schema: string;
}

export interface Session {
  readonly run: Run;
  /** Runs what must not fail; gives the first column. Throws when it failed: then it is not the engine we know. */
  must(sql: string): Promise<readonly string[]>;
  /** Makes the session this client's; nothing to do when it is already. */
  take(client: { readonly seat: Seat }): Promise<void>;
  isStill(seat: Seat, inTransaction: boolean): Promise<boolean>;
  /** Makes it the engine's owner's, for migrations. */
  takeAsOwner(): Promise<void>;
}

/** Who made the engine's tables. */
const OWNER = 'postgres';

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

export function makeSession(run: Run): Session {
  let taken: object | undefined;

  async function mustRun(bytes: Uint8Array): Promise<readonly string[]> {
    const { values, error } = readReply(await run(bytes));
    if (error !== undefined) throw new Error(`the embedded engine refused its own multiplexer: ${error}`);
    return values;
  }

  return {
    run,
    must: sql => mustRun(query(sql)),
    async take(client) {
      if (taken === client) return;
      taken = undefined;
      const { role, schema } = client.seat;
      const settings = `reset all; set session authorization ${quoted(role)}; set search_path = ${quoted(schema)}`;
      // The unnamed statement is the session's: left open, the next client's Bind would run the last one's SQL.
      await mustRun(Buffer.concat([query(settings), CLOSE_UNNAMED, SYNC]));
      taken = client;
    },
    async isStill(seat, inTransaction) {
      // Inside a transaction SHOW, which takes no snapshot, so that the client may still choose its isolation.
      const [session, role] = await mustRun(
        query(inTransaction ? 'show session_authorization; show role' : 'select session_user; select current_user'),
      );
      const still = session === seat.role && role === (inTransaction ? 'none' : seat.role);
      if (!still) taken = undefined;
      return still;
    },
    async takeAsOwner() {
      taken = undefined;
      // By name: in a session of one user only, RESET SESSION AUTHORIZATION says it did and changes nothing.
      await mustRun(query(`reset all; set session authorization ${quoted(OWNER)}`));
      const [owner] = await mustRun(query('select current_user'));
      if (owner !== OWNER) throw new Error(`the embedded engine stayed ${owner}`);
    },
  };
}
