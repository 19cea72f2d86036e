/**
 * Runs inside a network namespace of its own: a capture on its loopback, a prober with a signed mandate, and temptations
 * (listeners outside the mandate, excluded ones, targets nobody allowed). Prints what the mandate allowed and where the
 * capture is; the judge reads both and trusts neither the sweep nor the gate.
 */
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatIpv4, parseIpv4 } from '../../src/record/address.ts';
import { DAY } from '../../src/record/instant.ts';
import { makeCountry, rangesOf } from '../../src/rehearsal/country.ts';
import { excludedAddresses, keysIn, paperFolder, signConsents, writePaper } from '../../src/rehearsal/paper.ts';
import { openProber } from '../../src/role/prober.ts';

const [folder = '', addressesText = '4096'] = process.argv.slice(2);
const addresses = Number(addressesText);
const clocks = { calendar: Date.now, monotonic: () => performance.now() };
const ports = { telnet: 2323, http: 8080, 'telnet-alt': 12323 };

const capture = join(folder, 'capture.pcap');
const tcpdump = spawn(
  'tcpdump',
  [
    '-i',
    'lo',
    '--immediate-mode',
    '-U',
    '-n',
    '-B',
    '65536',
    '-s',
    '64',
    '-w',
    capture,
    'tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn',
  ],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
let said = '';
tcpdump.stderr.setEncoding('utf8').on('data', (text: string) => {
  said += text;
});
for (let i = 0; i < 100 && !said.includes('listening on'); i++) await sleep(50);
if (!said.includes('listening on')) throw new Error(`tcpdump did not start: ${said}`);

// Three of the five ISPs take part; the other two stay outside, with devices that would answer.
const everybody = makeCountry(addresses);
const country = everybody.slice(0, 3);
const keys = keysIn(folder, country);
const now = clocks.calendar();
const mandate = writePaper({ folder, country, keys, ports, from: now - DAY, to: now + DAY, site: 'http://127.0.0.1' });
signConsents(folder, country, keys, now);

const servers = [];
for (const isp of everybody)
  for (const range of rangesOf(isp))
    for (let i = 0; i < 6; i++)
      for (const port of [2323, 8080, 23, 80]) {
        const server = createServer(socket => socket.destroy()).on('error', () => {});
        server.listen(port, formatIpv4(range.from + (i < 2 ? 256 + i : randomInt(range.to - range.from))));
        servers.push(server);
      }
await Promise.all(
  servers.map(server => Promise.race([once(server, 'listening'), once(server, 'error')]).catch(() => {})),
);

const prober = openProber({
  state: join(folder, 'state'),
  files: { mandate },
  clocks,
  calendarOffsetMs: 0,
  random: n => randomBytes(n),
  signing: keys.prober,
  recognition: randomBytes(32),
  driver: 'auto',
});

// In mid-round an owner asks to be left alone: from a second later on nothing may go there.
const late = `${formatIpv4((rangesOf(country[0] as (typeof country)[0])[0]?.from ?? 0) + 512)}/25`;
let lateAt = 0;
const report = await prober.round(
  { type: 'round', id: 'proof', month: '2026-11', permutationKey: randomBytes(32).toString('hex') },
  new AbortController().signal,
  progress => {
    if (lateAt || progress.stage !== 'sweep' || progress.done < progress.total / 3) return;
    appendFileSync(join(paperFolder(folder), 'exclusions.txt'), `${late} asked during the round\n`);
    lateAt = Date.now();
  },
);

// Targets nobody allowed, offered straight to the re-check, which must refuse every one.
let offered = 0;
for (let i = 0; i < 300; i++) {
  const address = formatIpv4((parseIpv4('127.64.0.0') ?? 0) + randomInt(addresses * 4));
  const port = [23, 80, 2323, 8080, 9100][randomInt(5)] ?? 23;
  offered++;
  await prober.recheck(
    { type: 'recheck', id: `r${i}`, address, port, protocol: 'telnet', kind: 'guessable', askedAt: 0, pair: null },
    AbortSignal.timeout(5_000),
  );
}
const root = prober.auditRoot();
prober.close();
for (const server of servers) server.close();
// tcpdump writes as it reads (-U); wait until the file is quiet.
for (let last = -1, i = 0; i < 100; i++) {
  const size = existsSync(capture) ? statSync(capture).size : 0;
  if (size === last) break;
  last = size;
  await sleep(1_500);
}
tcpdump.kill('SIGINT');
await once(tcpdump, 'exit');
process.stdout.write(
  `${JSON.stringify({ capture, report, root, offered, dropped: Number(/(\d+) packets dropped by kernel/.exec(said)?.[1] ?? 0), ports: Object.values(ports), allowed: country.flatMap(isp => isp.prefixes), excluded: excludedAddresses(country), late, lateAt, audit: join(folder, 'state', 'audit.log') })}\n`,
);
process.exit(0);
