/** What the operator's console is handed, and what its pages get. */
import type { Hono } from 'hono';
import type { Kysely } from 'kysely';
import type { Clocks } from '../record/instant.ts';
import type { RoundProgress } from '../record/progress.ts';
import type { CentreTables } from '../record/tables/centre.ts';
import type { Send } from './frame.tsx';
import type { SignIn } from './sign-in.ts';

export interface OperatorDeps {
  readonly db: Kysely<CentreTables>;
  readonly clocks: Clocks;
  readonly signIn: SignIn;
  readonly rehearsal: boolean;
  readonly progress: () => RoundProgress | undefined;
  readonly mandateWords: readonly string[];
  readonly mandateDaysLeft: number;
  readonly audit: () => { readonly entries: number; readonly root: string; readonly verified: boolean };
  /** ISP id to its name; an id without one is shown as it is. */
  readonly names?: ReadonlyMap<string, { readonly en: string }>;
}

/** What the pages of one noun get: the data and how an ISP is called. */
export interface OperatorPages extends OperatorDeps {
  readonly app: Hono;
  readonly page: Send;
  readonly nameOf: (isp: string) => string;
}
