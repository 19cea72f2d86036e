/** What an ISP's console is handed, and what its pages get. */
import type { Hono } from 'hono';
import type { Kysely } from 'kysely';
import type { Clocks } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import type { Send } from './frame.tsx';
import type { LogShown } from './isp-logs-advice.ts';
import type { SignIn } from './sign-in.ts';

export interface IspDeps {
  readonly db: Kysely<IspTables>;
  readonly clocks: Clocks;
  readonly signIn: SignIn;
  readonly ispName: string;
  readonly rehearsal: boolean;
  /** The PDF of a letter by its alert's id; undefined when there is none. */
  readonly letter: (alertId: string) => Uint8Array | undefined;
  /** The index's account of its logs, as it is now. Without it there is no page about them. */
  readonly logs?: () => readonly LogShown[];
}

export interface IspPages extends IspDeps {
  readonly app: Hono;
  readonly page: Send;
}
