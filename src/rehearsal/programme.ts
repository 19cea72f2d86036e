/**
 * The programme of a rehearsal: the same roles as a real one, opened on the embedded store in this process, the prober in
 * its own. In: folder, country, calendar. Out: handles for the orchestrator. Nothing in the roles knows of the rehearsal.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { ExchangeClient } from '../exchange/client.ts';
import { importAssignments } from '../isp/assignment/import.ts';
import { customersFile } from '../isp/contact/customers.ts';
import { verifyAudit } from '../mandate/audit.ts';
import { explain, explainWords } from '../mandate/explain.ts';
import { compileGate } from '../mandate/gate.ts';
import { loadPaper } from '../mandate/paper.ts';
import type { Issuer, SupportLine } from '../record/alert.ts';
import type { Instant } from '../record/instant.ts';
import { type Centre, openCentre } from '../role/centre.ts';
import { type IspRole, startIsp } from '../role/isp.ts';
import { type Lines, linesIn } from '../role/isp-contacts.ts';
import { secretIn } from '../role/key-folder.ts';
import { startWeb, type Web } from '../role/web.ts';
import { mandateFactsOf } from '../site/mandate-facts.ts';
import { openStore, type Store } from '../store/open.ts';
import type { Calendar } from './calendar.ts';
import type { CountryIsp } from './country.ts';
import { writeCustomers } from './customers.ts';
import { writeLogs } from './logs.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { type RehearsalKeys, signConsents, trusted } from './paper.ts';
import { openPost, type Post } from './post.ts';
import { type ProberChild, startProber } from './prober-child.ts';
import type { World } from './world.ts';

export interface ProgrammeOptions {
  readonly folder: string;
  readonly world: World;
  readonly keys: RehearsalKeys;
  readonly calendar: Calendar;
  readonly sitePort: number;
}

export interface Programme {
  readonly store: Store;
  readonly centre: Centre;
  readonly isps: ReadonlyMap<string, IspRole>;
  readonly web: Web;
  readonly mailbox: Mailbox;
  readonly post: Post;
  readonly assignmentsOf: (isp: string) => string;
  /** Which line a number of an ISP's compartment is, as the logs imported so far have it. */
  readonly linesOf: (isp: string) => Lines;
  readonly codeHashKey: Uint8Array;
  /** Runs something with the prober up and stops it after, because its calendar stands still. */
  withProber<T>(use: () => Promise<T>): Promise<T>;
  startProber(): Promise<ProberChild>;
  /** What the ISPs' equipment has logged by now, imported by each ISP that can read its own. */
  importLogs(month: string, until: Instant): Promise<void>;
  readonly proberState: string;
  /** The mandate in plain words, with today's paper. */
  mandateWords(): readonly string[];
  readonly mandateUntil: string;
  /** Whether the prober's audit log follows from entry to entry. */
  auditVerified(): boolean;
  auditRoot(): { readonly root: string; readonly entries: number };
  peakKb(): number;
  close(): Promise<void>;
}

/** Telephone numbers from the range Japan leaves unassigned for fiction is nobody's; these say so in words instead. */
const LINES: readonly SupportLine[] = [
  {
    name: 'サポートセンター / Support Centre',
    number: '000-000-0000',
    cost: { ja: '通話料無料（訓練用の架空番号）', en: 'free (fictional number for the rehearsal)' },
    reach: { ja: '国内の固定電話・携帯電話から', en: 'from any telephone in Japan' },
    hours: { ja: '10:00〜18:00（年末年始を除く）', en: '10:00-18:00 JST, closed at New Year' },
  },
  {
    name: 'サポートセンター（有料）/ Support Centre (charged)',
    number: '00-0000-0000',
    cost: {
      ja: '通話料がかかります（訓練用の架空番号）',
      en: 'call charges apply (fictional number for the rehearsal)',
    },
    reach: { ja: 'IP電話・海外からも', en: 'also from IP telephones and abroad' },
    hours: { ja: '10:00〜18:00（年末年始を除く）', en: '10:00-18:00 JST, closed at New Year' },
  },
];

export const issuerOf = (isp: { readonly ja: string; readonly en: string }, site: string): Issuer => ({
  programme: { ja: 'IoT機器の安全確認（訓練）', en: 'IoT clean-up programme (rehearsal)' },
  isp: { ja: isp.ja, en: isp.en },
  returnAddress: '〒000-0000 訓練県演習市架空1-2-3',
  site,
  supportLines: LINES,
  rehearsal: true,
});

const PROGRAMME_NAME = { ja: '運営者（架空）', en: 'Operator (fictional)' };

export async function openProgramme({ folder, world, keys, calendar, sitePort }: ProgrammeOptions): Promise<Programme> {
  const at = (...names: string[]) => join(folder, ...names);
  const random = (n: number) => randomBytes(n);
  const mandate = at('paper', 'mandate.json');
  signConsents(folder, world.country, keys, calendar.calendar());
  const paper = loadPaper({ mandate });
  const secret = (name: string) => secretIn(at('keys'), name, random);
  const store = await openStore({ dir: at('store') });
  for (const isp of world.country) await store.addIsp(isp.id);

  const auditFile = at('prober', 'audit.log');
  const logged = existsSync(auditFile) ? verifyAudit(auditFile) : { root: '0'.repeat(64), entries: 0 };
  let last = { root: logged.root, entries: logged.entries, peakKb: 0 };
  let peakKb = 0;
  const site = `http://127.0.0.1:${sitePort}`;
  const names = new Map(world.country.map(isp => [isp.id, { ja: isp.ja, en: isp.en }]));
  const centre = openCentre({
    db: store.centre(),
    clocks: calendar,
    random,
    paper,
    proberState: at('prober'),
    keys: {
      signing: keys.centre,
      recognition: secret('recognition'),
      code: secret('code'),
      codeHash: secret('code-hash'),
    },
    ispNames: names,
    auditRoot: () => ({ root: last.root, entries: last.entries }),
    // The rehearsal's owners have minutes where real ones have days.
    recheckLimits: { gapMs: 0, perCaseADay: 5 },
  });

  const exchange = serve({ fetch: centre.api.fetch, port: 0, hostname: '127.0.0.1' });
  await once(exchange, 'listening');
  const baseUrl = `http://127.0.0.1:${(exchange.address() as AddressInfo).port}`;
  const mailbox = await openMailbox({ folder: at('mail'), seed: world.options.seed });
  const post = openPost(
    at('post'),
    world.country.map(isp => isp.id),
    isp => at('letters', isp),
  );
  // Printed by a process that died before the post came by: its ISP may destroy its copy at the first tick.
  post.collect();
  const customers = writeCustomers(world, at('isp'));

  const isps = new Map<string, IspRole>();
  for (const isp of world.country) isps.set(isp.id, await startIsp(ispOptions(isp)));

  function ispOptions(isp: CountryIsp) {
    const mine = keys.isps.get(isp.id);
    const files = customers.find(one => one.isp === isp.id);
    if (!mine || !files) throw new RangeError(`there is no ISP ${isp.id}`);
    return {
      id: isp.id,
      db: store.isp(isp.id),
      clocks: calendar,
      exchange: new ExchangeClient({ baseUrl, isp: isp.id, key: mine.signing, clocks: calendar, fetch }),
      keys: mine,
      centreKeys: [trusted(keys.centre)],
      proberKeys: [trusted(keys.prober)],
      assignments: { dir: at('isp', isp.id, 'assignments') },
      poolsFile: files.pools,
      contacts: customersFile(files.customers),
      smtp: { host: '127.0.0.1', port: mailbox.port },
      lettersDir: at('letters', isp.id),
      issuer: issuerOf(isp, site),
      deskCapacityPerDay: 200,
      domain: `${isp.id.replaceAll('_', '-')}.example.jp`,
    };
  }

  const body = paper.mandate.body;
  const web = await startWeb({
    db: store.web(),
    clocks: calendar,
    port: sitePort,
    host: '127.0.0.1',
    hashKey: secret('code-hash'),
    issuer: issuerOf(PROGRAMME_NAME, site),
    mandateFacts: mandateFactsOf(
      body,
      world.country.map(({ ja, en }) => ({ ja, en })),
    ),
    updatePage: (vendor, model) =>
      model === 'TN-1600'
        ? { url: 'https://tsukuba-net.example.jp/tn-1600', fixedIn: '1.05.00', supported: vendor !== '' }
        : undefined,
    consoleDesk: true,
  });

  async function up(): Promise<ProberChild> {
    const child = await startProber({
      state: at('prober'),
      mandate,
      key: at('keys', 'prober.key.json'),
      secrets: at('keys'),
      calendarOffsetMs: calendar.offset(),
    });
    return {
      failed: child.failed,
      stop: async () => {
        last = await child.stop();
        peakKb = Math.max(peakKb, last.peakKb);
        return last;
      },
    };
  }

  return {
    store,
    centre,
    isps,
    web,
    mailbox,
    post,
    assignmentsOf: isp => at('isp', isp, 'assignments'),
    linesOf: isp => linesIn(at('isp', isp, 'assignments'), undefined),
    codeHashKey: secret('code-hash'),
    startProber: up,
    withProber: async use => {
      const child = await up();
      try {
        return await Promise.race([use(), child.failed]);
      } finally {
        await child.stop();
      }
    },
    importLogs: async (month, until) => {
      const logs = writeLogs(world, at('logs'), month, until);
      for (const { isp, ...log } of logs) await importAssignments({ ...log, dir: at('isp', isp, 'assignments') });
    },
    proberState: at('prober'),
    mandateWords: () => {
      const today = loadPaper({ mandate });
      return explainWords(explain(today, compileGate(today, calendar), calendar.calendar()));
    },
    mandateUntil: body.period.to,
    auditVerified: () => verifyAudit(auditFile).ok,
    auditRoot: () => last,
    peakKb: () => peakKb,
    close: async () => {
      await web.close();
      for (const isp of isps.values()) await isp.close();
      exchange.close();
      await mailbox.close();
      await store.close();
    },
  };
}
