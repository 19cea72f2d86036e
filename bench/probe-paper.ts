/**
 * The paper `notice probe` is measured under: signed by keys of its own, for 127.0.0.0/8 and the far end's ports, with a
 * catalogue of one pair. Gate, budget and audit work as always; only limits that loopback may lift are lifted.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../src/record/digest.ts';
import type { Act, Protocol } from '../src/record/glossary.ts';
import { DAY, isoOf } from '../src/record/instant.ts';
import { makeLab } from '../test/mandate/lab-paper.ts';

/** Nobody has this pair; it breaks the length rule, so that it may be tried. */
export const WRONG = { user: 'admin', password: 'wrongpw' } as const;

const acts: readonly Act[] = ['identify', 'no-login', 'attempt', 'decoy'];
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const NOTICE = fileURLToPath(new URL(`../src/cli/notice${extension}`, import.meta.url));

export interface ProbePaper {
  readonly dir: string;
  /** The command line with a state folder never used before. */
  command(...options: readonly string[]): string[];
  remove(): void;
}

export function probePaper(ports: Readonly<Record<number, Protocol>>, settleMs: number): ProbePaper {
  const now = Date.now();
  const lift = { perSecond: 1e7, burst: 1e6 };
  const catalogue = JSON.stringify({
    format: 'notice-catalogue/1',
    version: 'bench-1',
    pairs: [{ ...WRONG, vendors: [], protocols: [...new Set(Object.values(ports))], weight: 1 }],
  });
  const lab = makeLab({
    isps: [{ isp: 'bench', prefixes: ['127.0.0.0/8'], signedAt: now - DAY }],
    within: ['127.0.0.0/8'],
    body: {
      period: { from: isoOf(now - DAY), to: isoOf(now + 20 * DAY) },
      sources: { addresses: ['127.0.0.1'], publishedAt: isoOf(now - 30 * DAY), publishedAs: 'https://survey.invalid' },
      identifiers: { policy: 'one pair', catalogueVersion: 'bench-1', catalogueSha256: sha256(catalogue) },
      ports: Object.entries(ports).map(([port, protocol]) => ({ port: Number(port), protocol, acts })),
      hours: { from: '00:00', to: '24:00' },
      limits: { total: lift, perIsp: lift, per24: lift, triesPerDevicePerDay: 4, triesPerAccountPerDay: 4, gapMs: 100 },
      deadlines: { connectMs: 5_000, settleMs, conversationMs: 60_000, checkMs: 120_000 },
    },
  });
  writeFileSync(join(lab.dir, 'catalogue.json'), catalogue);
  let runs = 0;
  return {
    dir: lab.dir,
    remove: lab.remove,
    command: (...options) => [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      NOTICE,
      'probe',
      '--mandate',
      lab.mandate,
      '--state',
      join(lab.dir, `state-${runs++}`),
      ...options,
    ],
  };
}
