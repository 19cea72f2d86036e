/** `notice serve ROLE`: one process of the programme that stays up until it is told to stop. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { makeOperatorConsole } from '../console/operator.tsx';
import { makeSignIn } from '../console/sign-in.ts';
import { verifyAudit } from '../mandate/audit.ts';
import { explain, explainWords } from '../mandate/explain.ts';
import { compileGate } from '../mandate/gate.ts';
import { loadPaper } from '../mandate/paper.ts';
import { scopeRanges } from '../mandate/scope.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { DAY, HOUR } from '../record/instant.ts';
import { openCentre } from '../role/centre.ts';
import { workAtCentre } from '../role/centre-serve.ts';
import { openCentreStore } from '../role/centre-store.ts';
import { startIspFrom } from '../role/isp-config.ts';
import { secretIn, signingKeyIn } from '../role/key-folder.ts';
import { listen } from '../role/listen.ts';
import { lockFolder } from '../role/lock.ts';
import { readProgress } from '../role/orders.ts';
import { openProber } from '../role/prober.ts';
import { serveOrders } from '../role/prober-serve.ts';
import { type SourcePages, serveSourcePages } from '../role/source-pages.ts';
import { startWeb } from '../role/web.ts';
import { webIssuer, webLogin } from '../role/web-files.ts';
import { mandateFactsOf } from '../site/mandate-facts.ts';
import { openLogin } from '../store/open.ts';
import { type PaperOptions, paperFiles, paperOptions } from './paper-options.ts';

const clocks = { calendar: Date.now, monotonic: () => performance.now() };
const random = (n: number) => randomBytes(n);
const say = (text: string) => process.stderr.write(`notice: ${text}\n`);

/** Aborted by Ctrl-C or a polite kill; what is durable is on disk by then. */
function untilStopped(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

const stopped = (signal: AbortSignal) =>
  new Promise<void>(done => (signal.aborted ? done() : signal.addEventListener('abort', () => done(), { once: true })));

function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new Fault('usage', `"${text}" is no port`, 'give a number from 0 to 65535; 0 takes any');
  return Number(text);
}

async function prober(o: PaperOptions & { readonly state: string; readonly page?: string }): Promise<void> {
  const unlock = lockFolder(o.state);
  const signal = untilStopped();
  const one = openProber({
    state: o.state,
    files: paperFiles(o),
    clocks,
    calendarOffsetMs: 0,
    random,
    signing: signingKeyIn(o.state, 'prober'),
    recognition: secretIn(o.state, 'recognition', random),
    driver: 'auto',
    onMessage: say,
  });
  let pages: SourcePages | undefined;
  try {
    if (o.page !== undefined) {
      pages = await serveSourcePages(paperFiles(o), clocks, portOf(o.page));
      for (const url of pages.urls) say(`who probes from here: ${url}/ and ${url}/.well-known/probing.txt`);
      for (const source of pages.elsewhere)
        say(`${source} is no address of this machine: its page must be served there`);
    }
    say(`prober up on ${o.state}; it takes orders until Ctrl-C`);
    await serveOrders(one, o.state, clocks.monotonic, signal);
  } finally {
    await pages?.close();
    one.close();
    unlock();
  }
}

interface CentreGiven extends PaperOptions {
  readonly state: string;
  readonly prober: string;
  readonly host: string;
  readonly port: string;
  readonly consolePort: string;
}

async function centre(o: CentreGiven): Promise<void> {
  const signal = untilStopped();
  const paper = loadPaper(paperFiles(o));
  const gate = compileGate(paper, clocks);
  const store = await openCentreStore(join(o.state, 'store'));
  const auditFile = join(o.prober, 'audit.log');
  const audit = () => {
    const { ok, entries, root } = existsSync(auditFile)
      ? verifyAudit(auditFile)
      : { ok: true, entries: 0, root: '0'.repeat(64) };
    return { verified: ok, entries, root };
  };
  const names = new Map(paper.consents.map(c => [c.body.isp, { ja: c.body.displayName, en: c.body.displayName }]));
  const one = openCentre({
    db: store.centre(),
    clocks,
    random,
    paper,
    proberState: o.prober,
    keys: {
      signing: signingKeyIn(o.state, 'centre'),
      // The same secret recognises a line at the prober and at the dispatcher of re-checks.
      recognition: secretIn(o.prober, 'recognition', random),
      code: secretIn(o.state, 'code', random),
      codeHash: secretIn(o.state, 'code-hash', random),
    },
    ispNames: names,
    auditRoot: () => {
      const { root, entries } = audit();
      return { root, entries };
    },
  });
  const exchange = await listen(one.api, o.host, portOf(o.port));
  const signIn = makeSignIn({ clocks, random, cookie: 'notice-operator', linkLifeMs: HOUR });
  const desk = await listen(
    makeOperatorConsole({
      db: store.centre(),
      clocks,
      signIn,
      rehearsal: false,
      progress: () => readProgress(o.prober),
      mandateWords: explainWords(explain(paper, gate, clocks.calendar())),
      mandateDaysLeft: Math.floor((Date.parse(paper.mandate.body.period.to) - clocks.calendar()) / DAY),
      audit,
      names,
    }),
    '127.0.0.1',
    portOf(o.consolePort),
  );
  const login = join(o.state, 'web-login.json');
  try {
    writeFileSync(login, `${JSON.stringify(store.login('web'))}\n`, { mode: 0o600 });
  } catch (thrown) {
    throw fileFault(thrown, login);
  }
  say(`exchange for ISPs: ${exchange.url}`);
  say(
    `operator console, once, within an hour: ${desk.url}/enter?link=${signIn.link({ name: 'operator', role: 'operator' })}`,
  );
  say(`login of the web role: ${login}`);
  const addresses = scopeRanges(paper, clocks.calendar()).reduce((sum, r) => sum + r.to - r.from + 1, 0);
  const known = { rehearsal: false, isps: paper.mandate.body.targets.length, ports: paper.mandate.body.ports.length };
  try {
    await workAtCentre({
      centre: one,
      db: store.centre(),
      clocks,
      proberState: o.prober,
      addresses,
      known,
      signal,
      say,
    });
  } finally {
    await Promise.all([exchange.close(), desk.close()]);
    await store.close();
  }
}

interface WebGiven extends PaperOptions {
  readonly login: string;
  readonly codeHash: string;
  readonly issuer: string;
  readonly host: string;
  readonly port: string;
  readonly deskPort: string;
}

async function web(o: WebGiven): Promise<void> {
  const signal = untilStopped();
  const paper = loadPaper(paperFiles(o));
  const db = await openLogin(webLogin(o.login));
  const names = paper.consents.map(c => ({ ja: c.body.displayName, en: c.body.displayName }));
  const one = await startWeb({
    db,
    clocks,
    host: o.host,
    port: portOf(o.port),
    hashKey: Buffer.from(readSecret(o.codeHash), 'hex'),
    issuer: webIssuer(o.issuer),
    mandateFacts: mandateFactsOf(paper.mandate.body, names),
    consoleDesk: true,
    deskPort: portOf(o.deskPort),
    onMessage: say,
  });
  say(`public site: ${one.url}`);
  if (one.desk) say(`support desk, once: ${one.desk.link('desk')}`);
  await stopped(signal);
  await one.close();
  await db.destroy();
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

async function isp(o: { readonly config: string; readonly every: string }): Promise<void> {
  const minutes = Number(o.every);
  if (!/^\d+$/.test(o.every) || minutes < 1 || minutes > 1_440)
    throw new Fault('usage', `--every ${o.every} is out of range`, 'give minutes from 1 to 1440');
  const signal = untilStopped();
  const one = await startIspFrom(o.config, clocks);
  say('ISP agent up; nothing connects into it');
  try {
    while (!signal.aborted) {
      const t = await one.tick();
      say(
        `pulled ${t.pulled} bundle(s), identified ${t.identified}, ${t.mails} mail(s), ${t.letters} letter(s), closed ${t.closed}`,
      );
      await sleep(minutes * 60_000, undefined, { signal }).catch(() => {});
    }
  } finally {
    await one.close();
  }
}

export function serveCommand(): Command {
  const command = new Command('serve').description('Run one role until Ctrl-C.');
  paperOptions(command.command('prober').description('takes orders for rounds and re-checks from its state folder'))
    .requiredOption('--state <DIR>', 'ledger, budget, audit, orders and sealed spool')
    .option('--page <PORT>', 'serve who probes, and probing.txt (RFC 9511), at each source address of the mandate here')
    .addHelpText('after', '\nExample:\n  notice serve prober --mandate mandate.json --state prober\n')
    .action(prober);
  paperOptions(
    command.command('centre').description('takes in rounds, hands over to ISPs, decides re-checks, freezes months'),
  )
    .requiredOption(
      '--state <DIR>',
      'the embedded store and the centre’s keys; DATABASE_URL names a PostgreSQL instead',
    )
    .requiredOption('--prober <DIR>', 'the state folder shared with the prober')
    .option('--host <ADDRESS>', 'where ISPs reach the exchange; put TLS in front of anything but loopback', '127.0.0.1')
    .option('--port <N>', 'port of the exchange', '8440')
    .option('--console-port <N>', 'port of the operator console, on loopback', '8441')
    .addHelpText('after', '\nExample:\n  notice serve centre --mandate mandate.json --state centre --prober prober\n')
    .action(centre);
  command
    .command('isp')
    .description('an ISP’s agent: pulls, identifies, alerts, answers')
    .requiredOption('--config <FILE>', 'see docs/guide/isp.md')
    .option('--every <MINUTES>', 'between two looks', '15')
    .addHelpText('after', '\nExample:\n  notice serve isp --config isp.json\n')
    .action(isp);
  paperOptions(command.command('web').description('the public site and the support desk'))
    .requiredOption('--login <FILE>', 'the web role’s login, written by notice serve centre')
    .requiredOption(
      '--code-hash <FILE>',
      'the secret that alert codes are hashed with (code-hash.secret of the centre)',
    )
    .requiredOption('--issuer <FILE>', 'programme name, site, support lines; see docs/guide/laboratory.md')
    .option('--host <ADDRESS>', 'where to listen', '127.0.0.1')
    .option('--port <N>', 'port of the site', '8600')
    .option('--desk-port <N>', 'port of the support desk', '8601')
    .addHelpText(
      'after',
      '\nExample:\n  notice serve web --mandate mandate.json --login centre/web-login.json --code-hash centre/code-hash.secret --issuer issuer.json\n',
    )
    .action(web);
  return command.addHelpText('after', '\nExample:\n  notice serve prober --mandate mandate.json --state prober\n');
}
