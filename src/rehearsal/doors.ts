/**
 * After the summary: everything stays up to be looked at. Opens the consoles by one-time links, the mail box, the letters
 * and one home line, keeps a prober ready for re-checks, and says in words where each is.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { makeIspConsole } from '../console/isp.tsx';
import { makeOperatorConsole } from '../console/operator.tsx';
import { makeSignIn, type SignIn } from '../console/sign-in.ts';
import { readSources } from '../isp/assignment/manifest.ts';
import { printAlertCode } from '../record/alert-code.ts';
import { Fault } from '../record/fault.ts';
import { DAY, HOUR, monthOf } from '../record/instant.ts';
import { listen } from '../role/listen.ts';
import { readProgress } from '../role/orders.ts';
import { openHomeLine } from './home-line.ts';
import { mailboxPages } from './mailbox-pages.ts';
import { freePort } from './ports.ts';
import type { Rehearsal } from './rehearse.ts';

export interface Doors {
  readonly words: string;
  /** Name to address, for machines. */
  readonly urls: Readonly<Record<string, string>>;
  /** Rejects when the prober ends by itself. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

const FIRST_PORT = 8610;

export async function openDoors({
  programme,
  world,
  calendar,
  journal,
  folder,
}: Rehearsal & { readonly folder?: string }): Promise<Doors> {
  const closers: (() => void | Promise<void>)[] = [];
  const random = (n: number) => randomBytes(n);
  let port = FIRST_PORT;
  async function open(app: Hono): Promise<string> {
    for (let tries = 0; tries < 100; tries++, port++) {
      try {
        const { url, close } = await listen(app, '127.0.0.1', port);
        closers.push(close);
        port++;
        return url;
      } catch {
        // Taken by another program: the next one.
      }
    }
    throw new Fault('port-taken', `none of the ports from ${FIRST_PORT} on is free`, 'end what listens there');
  }
  /** A console with its own cookie; the link works once, and is good while the rehearsal is up. */
  async function console(role: string, make: (signIn: SignIn) => Hono): Promise<string> {
    const signIn = makeSignIn({ clocks: calendar, random, cookie: `notice-${role}`, linkLifeMs: 12 * HOUR });
    const url = await open(make(signIn));
    return `${url}/enter?link=${signIn.link({ name: `rehearsal ${role}`, role })}`;
  }

  const urls: Record<string, string> = { 'public site': programme.web.url };
  const prober = await programme.startProber();
  closers.push(async () => {
    await prober.stop();
  });
  let over = false;
  const pump = (async () => {
    while (!over) {
      if ((await programme.centre.rechecks()) === 0) await new Promise(wait => setTimeout(wait, 200));
    }
  })();
  closers.push(async () => {
    over = true;
    await pump;
  });

  urls['operator console'] = await console('operator', signIn =>
    makeOperatorConsole({
      db: programme.store.centre(),
      clocks: calendar,
      signIn,
      rehearsal: true,
      progress: () => readProgress(programme.proberState),
      names: new Map(world.country.map(isp => [isp.id, { en: isp.en }])),
      mandateWords: programme.mandateWords(),
      mandateDaysLeft: Math.floor((Date.parse(programme.mandateUntil) - calendar.calendar()) / DAY),
      audit: () => ({ ...programme.auditRoot(), verified: programme.auditVerified() }),
    }),
  );
  for (const isp of world.country.slice(0, 2))
    urls[`${isp.id} console`] = await console(isp.id, signIn =>
      makeIspConsole({
        db: programme.store.isp(isp.id),
        clocks: calendar,
        signIn,
        ispName: isp.en,
        logs: () => readSources(programme.assignmentsOf(isp.id)),
        rehearsal: true,
        letter: id => {
          try {
            return readFileSync(join(programme.post.folderOf(isp.id), `${id.split('.')[0]}.pdf`));
          } catch {
            return undefined;
          }
        },
      }),
    );
  if (programme.web.desk) urls['support desk'] = programme.web.desk.link('rehearsal desk');
  urls['mail box and letters'] = await open(
    mailboxPages(
      programme.mailbox,
      world.country.map(isp => ({ isp: isp.id, name: isp.ja, folder: programme.post.folderOf(isp.id) })),
    ),
  );

  const shown = await openCase(programme, world);
  if (shown) {
    const line = await openHomeLine(programme.web.url, shown.address, await freePort(port));
    closers.push(() => line.close());
    urls['home line'] = `${line.url}/c/${shown.code}`;
  }
  const rows = Object.entries(urls).map(([name, url]) => `  ${name.padEnd(26)} ${url}`);
  const words = [
    `Everything stays up until Ctrl-C (the country's calendar says ${monthOf(calendar.calendar())}; ${journal.reports.length} rounds are over):`,
    ...rows,
    ...(shown
      ? [
          `  The home line is the owner of a guessable device: code ${printAlertCode(shown.code)}. Press "check again" there.`,
        ]
      : []),
    '  Console links work once each.',
    ...(folder ? [`  State: ${folder}`] : []),
    '',
  ];
  return {
    urls,
    failed: prober.failed,
    words: words.join('\n'),
    close: async () => {
      for (const one of closers.reverse()) await one();
    },
  };
}

/**
 * A case that is still open, of a line that still has its address and a device that is still guessable, with the code as
 * its owner holds it. A device that healed since the last round would rightly be found fixed.
 */
async function openCase(programme: Rehearsal['programme'], world: Rehearsal['world']) {
  for (const isp of world.country) {
    const rows = await programme.store
      .isp(isp.id)
      .selectFrom('case')
      .select(['alert_code', 'address', 'port', 'seen_at', 'kind'])
      .where('state', '=', 'open')
      .where('verdict', '=', 'unique')
      .where('kind', '=', 'guessable')
      .orderBy('seen_at', 'desc')
      .limit(50)
      .execute();
    for (const row of rows) {
      const holder = world.register.holder(row.address, row.port, world.now());
      const device = holder && world.deviceOn(holder.id);
      const is = device && world.conditionOf(device.id, world.now());
      if (
        holder &&
        is?.online &&
        is.guessable &&
        is.asks &&
        world.register.of(holder.id, world.now())?.address === row.address
      )
        return { code: row.alert_code, address: row.address };
    }
  }
  return undefined;
}
