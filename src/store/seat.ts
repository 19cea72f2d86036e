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
  isStill(seat: Seat): Promise<boolean>;
  /** Makes it the engine's owner's, for migrations. */
  takeAsOwner(): Promise<void>;
}

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
    async isStill(seat) {
      // SHOW takes no snapshot, so that a client may still choose its transaction's isolation after BEGIN.
      const [session, role] = await mustRun(query('show session_authorization; show role'));
      const still = session === seat.role && role === 'none';
      if (!still) taken = undefined;
      return still;
    },
    async takeAsOwner() {
      taken = undefined;
      await mustRun(query('reset session authorization; reset all'));
    },
  };
}
