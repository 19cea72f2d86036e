/**
 * A whole survey for odd devices: signed paper, the gate compiled from it, budget and audit on disk, a catalogue of canary
 * pairs. In: where the devices are and which sources there are. Out: what a check needs, and how to look into the files.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAudit } from '../../src/mandate/audit.ts';
import { openBudget } from '../../src/mandate/budget.ts';
import { neverTouch } from '../../src/mandate/ceilings.ts';
import { compileGate } from '../../src/mandate/gate.ts';
import { sha256 } from '../../src/record/digest.ts';
import { PROTOCOLS, type Protocol } from '../../src/record/glossary.ts';
import { DAY, isoOf } from '../../src/record/instant.ts';
import type { Key } from '../../src/rehearsal/odd-devices/device.ts';
import type { PortOf } from '../../src/rehearsal/odd-devices/open.ts';
import { loadCatalogue } from '../../src/survey/credential/catalogue.ts';
import type { CheckDeps } from '../../src/survey/credential/check.ts';
import { dial } from '../../src/survey/probe/dial.ts';
import { paperToday } from '../fixtures/paper-today.ts';
import { freePort } from '../real/daemon.ts';

/** Short, so that they may be tried; of nobody's catalogue. */
export const PAIRS: readonly Key[] = [
  { user: 'admin', password: 'CNRY-11' },
  { user: 'root', password: 'CNRY-22' },
  { user: 'user', password: 'CNRY-33' },
  { user: 'admin', password: 'CNRY-44' },
  { user: 'root', password: 'CNRY-55' },
  { user: 'user', password: 'CNRY-66' },
];

/** All weigh the same, so each device is asked in an order of its own. */
const CATALOGUE = JSON.stringify({
  format: 'notice-catalogue/1',
  version: 'odd-devices-1',
  pairs: PAIRS.map(pair => ({
    ...pair,
    weight: 50,
    vendors: [],
    protocols: PROTOCOLS,
  })),
});

export const LIMITS = { triesPerDevicePerDay: 40, triesPerAccountPerDay: 20, gapMs: 20 };
export const DEADLINES = { connectMs: 2_000, settleMs: 160, conversationMs: 6_000, checkMs: 60_000 };

/** A port for each of the protocols that nobody on this machine has, and that may be touched. */
export async function freePorts(protocols: readonly Protocol[]): Promise<PortOf> {
  const ports: Partial<Record<Protocol, number>> = {};
  for (const protocol of protocols) {
    let port = await freePort('127.77.1.1');
    while (neverTouch(port) !== undefined || Object.values(ports).includes(port)) port = await freePort('127.77.1.1');
    ports[protocol] = port;
  }
  return ports;
}

export interface Survey {
  readonly deps: CheckDeps;
  /** Tries that the audit log holds. */
  tried(): number;
  close(): void;
}

export function openSurvey(
  ports: PortOf,
  blocks: readonly number[],
  sources: readonly string[],
  deadlines = DEADLINES,
): Survey {
  const now = Date.now();
  const lab = paperToday({
    isps: { 'odd-isp': blocks.map(block => `127.${block}.0.0/16`) },
    ports: Object.fromEntries(Object.entries(ports).map(([protocol, port]) => [protocol, [port]])),
    limits: LIMITS,
    deadlines,
    body: {
      sources: { addresses: sources, publishedAt: isoOf(now - 30 * DAY), publishedAs: 'https://survey.invalid/how' },
      identifiers: { policy: 'canaries', catalogueVersion: 'odd-devices-1', catalogueSha256: sha256(CATALOGUE) },
    },
  });
  writeFileSync(join(lab.dir, 'catalogue.json'), CATALOGUE);
  const paper = lab.load();
  const clocks = { calendar: Date.now, monotonic: () => performance.now() };
  const budget = openBudget(join(lab.dir, 'state', 'budget'), paper.mandate.body, clocks);
  const log = join(lab.dir, 'state', 'audit.log');
  const audit = openAudit(log, clocks);
  return {
    deps: {
      clocks,
      gate: compileGate(paper, clocks),
      random: length => randomBytes(length),
      budget,
      audit,
      dial,
      catalogue: loadCatalogue(paper.catalogueText, sha256(CATALOGUE), paper.files.catalogue),
    },
    tried: () => readFileSync(log, 'utf8').match(/"type":"(?:attempt|decoy)"/g)?.length ?? 0,
    close: () => {
      budget.close();
      audit.close();
      lab.remove();
    },
  };
}
