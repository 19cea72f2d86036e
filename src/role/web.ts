/**
 * The public edge: the site, and where wanted the support centre's screen on a port of its own. In: the `web` login and
 * nothing else of the store. It never probes; it writes what owners ask for and shows what the centre decided.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import type { Kysely } from 'kysely';
import { makeDeskConsole } from '../console/desk.tsx';
import { makeSignIn, type SignIn } from '../console/sign-in.ts';
import { deskStoreIn } from '../desk/desk-store.ts';
import { DEFAULT_HOURS, type OpeningHours } from '../desk/hours.ts';
import { inquiriesIn } from '../desk/inquiries.ts';
import { parseAddress } from '../record/address.ts';
import { errorOf } from '../record/fault.ts';
import { type Clocks, DAY, MINUTE } from '../record/instant.ts';
import type { WebTables } from '../record/tables/web.ts';
import { makeSite } from '../site/app.tsx';
import type { SiteDeps } from '../site/deps.ts';
import type { MandateFacts } from '../site/mandate-facts.ts';
import { storeIn } from '../site/store.ts';
import { type Listening, listen } from './listen.ts';
import { forgetAtWeb } from './web-retention.ts';

export interface WebOptions {
  readonly db: Kysely<WebTables>;
  readonly clocks: Clocks;
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  readonly hashKey: Uint8Array;
  readonly issuer: SiteDeps['issuer'];
  readonly mandateFacts: MandateFacts;
  readonly hours?: OpeningHours;
  readonly updatePage?: SiteDeps['updatePage'];
  readonly log?: SiteDeps['log'];
  /** Believe the last entry of X-Forwarded-For: only behind a proxy of one's own that writes it. */
  readonly trustProxy?: boolean;
  readonly random?: (bytes: number) => Uint8Array;
  /** Opens the support centre's screen beside the site. */
  readonly consoleDesk?: boolean;
  readonly deskPort?: number;
  readonly onMessage?: (text: string) => void;
}

export interface Web {
  readonly url: string;
  /** Where the support centre works; `link()` makes a one-time address that lets one person in. */
  readonly desk?: { readonly url: string; readonly link: (name: string) => string };
  /** Drops what is too old; also done by itself once a minute. Returns how many inquiries lost words or a number. */
  readonly forget: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** The other end of the connection; behind a trusted proxy, who the proxy says it was. */
function visitorOf(c: Context, trustProxy: boolean): string {
  if (trustProxy) {
    const told = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
    if (parseAddress(told)) return told;
  }
  return getConnInfo(c).remote.address ?? 'unknown';
}

/** Throws Fault('port-taken'). */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { db, clocks, host, hashKey, issuer } = options;
  const random = options.random ?? ((bytes: number) => randomBytes(bytes));
  const hours = options.hours ?? DEFAULT_HOURS;
  const deps: SiteDeps = {
    store: storeIn(db),
    clocks,
    random,
    hashKey,
    issuer,
    mandate: options.mandateFacts,
    hours,
    visitorOf: c => visitorOf(c, options.trustProxy === true),
    wait: sleep,
    ...(options.updatePage ? { updatePage: options.updatePage } : {}),
    ...(options.log ? { log: options.log } : {}),
  };
  const site = await listen(makeSite(deps), host, options.port);
  const open: Listening[] = [site];
  let desk: Web['desk'];
  if (options.consoleDesk) {
    // A link is handed over when the process starts, and may be used the day after; a session lasts its eight hours.
    const signIn: SignIn = makeSignIn({ clocks, random, cookie: 'desk', linkLifeMs: DAY });
    const app = makeDeskConsole({
      store: deskStoreIn(db),
      clocks,
      random,
      hashKey,
      hours,
      signIn,
      rehearsal: issuer.rehearsal,
    });
    try {
      const { url, close } = await listen(app, host, options.deskPort ?? 0);
      open.push({ url, close });
      desk = { url, link: name => `${url}/enter?link=${signIn.link({ name, role: 'desk' })}` };
    } catch (thrown) {
      await site.close();
      throw thrown;
    }
  }
  const inquiries = inquiriesIn(db);
  const forget = async () => {
    const at = clocks.calendar();
    await forgetAtWeb(db, at);
    return await inquiries.forget(at);
  };
  const timer = setInterval(() => {
    forget().catch(thrown =>
      options.onMessage?.(
        `what is too old could not be erased: ${errorOf(thrown).name}; it is tried again in a minute`,
      ),
    );
  }, MINUTE).unref();
  return {
    url: site.url,
    ...(desk ? { desk } : {}),
    forget,
    close: async () => {
      clearInterval(timer);
      await Promise.all(open.map(one => one.close()));
    },
  };
}
