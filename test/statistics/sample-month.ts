/** One invented month, for tests of what is made of it: some cells small, one model's name an attempt on spreadsheets. */
import type { MonthCounts } from '../../src/record/statistics.ts';

export const NOVEMBER: MonthCounts = {
  month: '2026-11',
  rehearsal: true,
  isps: 5,
  addresses: 65_536,
  ports: 3,
  answered: 1_204,
  prompts: 611,
  detected: { guessable: 110, 'no-login': 31, firmware: 7, infected: 0, reflector: 0 },
  returned: 4,
  handedOver: 148,
  identified: 101,
  refused: [
    { reason: 'shared_no_port', cases: 32 },
    { reason: 'log_gap', cases: 12 },
    { reason: 'ambiguous_edge', cases: 3 },
  ],
  alertedMail: 71,
  alertedLetter: 30,
  rechecked: 21,
  fixed: 40,
  notSeen: 12,
  stillOpen: 96,
  models: [
    { label: 'Aoba Cam-120', cases: 81 },
    { label: 'Minato R2', cases: 25 },
    { label: '=HYPERLINK("https://evil.example")', cases: 4 },
  ],
  inquiries: [
    { outcome: 'solved', count: 31 },
    { outcome: 'thinks-fraud', count: 2 },
  ],
};
