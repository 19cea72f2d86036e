/**
 * Runs inside a network namespace of its own: a capture on its loopback, devices inside the mandate, and temptations
 * outside it, excluded from it, on ports it does not name, and excluded half-way. The real command is run over a list of
 * all of them. Prints where the capture and the log are and what the devices counted; the test judges.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { paperToday } from '../fixtures/paper-today.ts';
import { farEnd, probing, type Stand, targetLine, until } from './probe-far-end.ts';

export interface CaptureEnd {
  readonly capture: string;
  readonly audit: string;
  readonly exit: number | null;
  readonly err: string;
  readonly rows: number;
  readonly ports: readonly number[];
  /** When the late exclusion was written, ms UTC. */
  readonly lateAt: number;
  /** Tries that arrived, by `address port`. */
  readonly tries: Readonly<Record<string, number>>;
  readonly tempted: number;
  readonly dropped: number;
}

const [folder = '', state = ''] = process.argv.slice(2);
const capture = join(folder, 'capture.pcap');
const tcpdump = spawn(
  'tcpdump',
  ['-i', 'lo', '--immediate-mode', '-U', '-n', '-B', '65536', '-s', '96', '-w', capture, 'tcp'],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
let said = '';
tcpdump.stderr.setEncoding('utf8').on('data', (text: string) => {
  said += text;
});
if (!(await until(() => said.includes('listening on'), 5_000))) throw new Error(`tcpdump did not start: ${said}`);

const WEAK = { user: 'root', password: '123456' };
const stands = (net: string, hosts: number): Stand[] =>
  Array.from({ length: hosts }, (_, n) => n + 1).flatMap(host =>
    (['telnet', 'http'] as const).map(protocol => ({
      address: `${net}.${host}`,
      protocol,
      key: host % 3 === 0 ? WEAK : null,
    })),
  );
/** 0: stays in. 1: excluded half-way. 2: excluded before. 8: outside the mandate. */
const far = await farEnd([
  ...stands('127.102.0', 12),
  ...stands('127.102.1', 12),
  ...stands('127.102.2', 3),
  ...stands('127.103.8', 3),
]);
const elsewhere = createServer(socket => socket.destroy());
elsewhere.listen(2_300, '127.102.0.1');
await once(elsewhere, 'listening');
const lab = paperToday({
  isps: { 'isp-a': ['127.102.0.0/22'] },
  ports: { telnet: [far.ports.telnet], http: [far.ports.http] },
  limits: { gapMs: 150 },
  deadlines: { settleMs: 40 },
  exclusions: '127.102.2.0/24 asked long ago\n',
});

const targets: string[] = [targetLine('127.102.0.1', 2_300)];
for (const [address] of far.seen) for (const port of Object.values(far.ports)) targets.push(targetLine(address, port));
// Nobody lives here: a connection is refused, and is in the log all the same.
for (let host = 100; host < 120; host++) targets.push(targetLine(`127.102.3.${host}`, far.ports.telnet));
const run = probing(['--mandate', lab.mandate, '--state', state, '--concurrency', '64'], targets.join(''));
const late = (): number =>
  [...far.seen].reduce((sum, [address, one]) => sum + (address.startsWith('127.102.1.') ? one.tries.length : 0), 0);
await until(() => late() >= 24);
appendFileSync(join(lab.dir, 'exclusions.txt'), '127.102.1.0/24 asked half-way\n');
const lateAt = Date.now();
const exit = await run.ended;
// tcpdump writes as it reads (-U); wait until the file is quiet.
for (let last = -1, i = 0; i < 50; i++) {
  const size = existsSync(capture) ? statSync(capture).size : 0;
  if (size === last) break;
  last = size;
  await sleep(400);
}
tcpdump.kill('SIGINT');
await once(tcpdump, 'exit');
const tries = Object.fromEntries([...far.seen].map(([address, one]) => [address, one.tries.length]));
const end: CaptureEnd = {
  ...{ capture, exit, lateAt, tries },
  audit: join(state, 'audit.log'),
  err: run.said.err,
  rows: run.said.out.split('\n').length - 1,
  ports: Object.values(far.ports),
  tempted: [...far.seen].reduce((sum, [a, one]) => sum + (/^127\.(102\.2|103)\./.test(a) ? one.connections : 0), 0),
  dropped: Number(/(\d+) packets dropped by kernel/.exec(said)?.[1] ?? 0),
};
lab.remove();
process.stdout.write(`${JSON.stringify(end)}\n`);
process.exit(0);
