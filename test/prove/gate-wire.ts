/**
 * A sweep of the real command by a raw driver over a wire whose far end answers for a whole /8: for what the mandate allows, for
 * what it excludes, and for everything beside it. Out: the capture and what the mandate said, for the judge.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEntry } from '../../src/mandate/audit-chain.ts';
import { formatIpv4, parseIpv4 } from '../../src/record/address.ts';
import { DAY, isoOf } from '../../src/record/instant.ts';
import { notice } from '../fixtures/command.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import { captureAtFarEnd } from '../real/far-capture.ts';
import { makeVethPair, NEAR } from '../real/veth-pair.ts';
import type { Evidence } from './gate-judge.ts';

const PORTS = [2323, 8080];
/** What a capture can surely follow. */
const PER_SECOND = 20_000;

export async function sweepOverWire(folder: string, driver: 'mmsg' | 'xdp', addresses: number): Promise<Evidence> {
  const base = parseIpv4('10.64.0.0') as number;
  const at = (share: number): string => formatIpv4(base + addresses * share);
  const length = 32 - Math.log2(addresses);
  // Three eighths and a bit take part; what lies between is nobody's.
  const isps = {
    'isp-a': [`${at(0)}/${length + 2}`],
    'isp-b': [`${at(0.5)}/${length + 3}`, `${at(0.75)}/27`],
    'isp-c': [`${formatIpv4(base + addresses * 0.75 + 64)}/26`],
  };
  const excluded = [`${formatIpv4(base + 256)}/25`, `${formatIpv4(base + 777)}/32`, `${at(0.5)}/28`];
  const late = `${at(0.125)}/${length + 3}`;
  const lab = paperToday({
    isps,
    ports: { telnet: [PORTS[0] as number], http: [PORTS[1] as number] },
    within: ['10.64.0.0/10'],
    exclusions: excluded.map(prefix => `${prefix} asked by its owner\n`).join(''),
    limits: { total: { perSecond: PER_SECOND, burst: 2_000 } },
    deadlines: { connectMs: 500 },
    body: {
      sources: {
        addresses: [NEAR.address],
        publishedAt: isoOf(Date.now() - 30 * DAY),
        publishedAs: 'https://survey.invalid/',
      },
    },
  });
  const pair = await makeVethPair('10.0.0.0/8', 'any-ip');
  const state = join(folder, 'state');
  const capture = join(folder, 'capture.pcap');
  const audit = join(state, 'audit.log');
  let lateAt = 0;
  let watch: NodeJS.Timeout | undefined;
  try {
    const tap = await captureAtFarEnd(pair, capture);
    const before = pair.arrived();
    watch = setInterval(() => {
      if (lateAt > 0 || pair.arrived() - before < addresses / 5) return;
      lateAt = Date.now();
      appendFileSync(join(lab.dir, 'exclusions.txt'), `${late} asked during the sweep\n`);
    }, 20);
    const [enter, words] = pair.inNear(process.execPath);
    const ran = await notice(['sweep', '--mandate', lab.mandate, '--state', state, '--driver', driver, '--json'], {
      under: [enter, ...words.slice(0, -1)],
    });
    if (ran.exit !== 0) throw new Error(`the sweep by ${driver} ended with exit code ${ran.exit}: ${ran.err}`);
    const { lost } = await tap.end();
    const ends = readFileSync(audit, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as AuditEntry)
      .filter(entry => entry.type === 'sweep-shard-end')
      .map(({ data }) => data as { sent: number; excluded: number });
    const sent = ends.reduce((sum, one) => sum + one.sent, 0);
    const spared = ends.reduce((sum, one) => sum + one.excluded, 0);
    const pairs = addresses * (1 / 4 + 1 / 8) + 32 + 64;
    return {
      ...{ capture, late, lateAt, audit, excluded },
      dropped: lost,
      source: NEAR.address,
      ports: PORTS,
      allowed: Object.values(isps).flat(),
      report: { total: pairs * PORTS.length, sent, excluded: spared },
    };
  } finally {
    clearInterval(watch);
    await pair.stop();
    lab.remove();
  }
}
