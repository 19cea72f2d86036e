/**
 * Small-cell suppression. A cell under 10 is not published; and where published cells add up to a published total, a
 * second one goes with it, so that subtraction gives nothing back. In: counts. Out: figures; `null` means "under 10, or
 * withheld so that another stays hidden". Categories that do not occur are left out, not shown as suppressed.
 */
import type { FindingKind } from '../record/glossary.ts';
import { FINDING_KINDS } from '../record/glossary.ts';
import type { Cell, MonthCounts, MonthFigures } from '../record/statistics.ts';

/** The least count that is published. */
export const LEAST = 10;

export const cell = (count: number): Cell => (count < LEAST ? null : count);

/**
 * Suppresses parts of a published sum. The hidden parts are at least two and together at least 10, or all of them: so
 * the hidden sum, which anybody can compute, is itself no small cell.
 */
export function suppressParts(parts: readonly number[]): Cell[] {
  const cells = parts.map(cell);
  const shown = parts
    .map((count, at) => ({ count, at }))
    .filter(({ at }) => cells[at] !== null)
    .sort((a, b) => a.count - b.count || a.at - b.at);
  const hidden = () => parts.filter((_, at) => cells[at] === null);
  const safe = () => {
    const h = hidden();
    return h.length === 0 || (h.length >= 2 && h.reduce((a, b) => a + b, 0) >= LEAST);
  };
  for (const { at } of shown) {
    if (safe()) break;
    cells[at] = null;
  }
  return cells;
}

const byKind = (counts: Readonly<Record<FindingKind, number>>) =>
  Object.fromEntries(FINDING_KINDS.map(kind => [kind, cell(counts[kind])])) as Record<FindingKind, Cell>;

export function suppress(counts: MonthCounts): MonthFigures {
  // handed over = identified + each refusal reason (+ not yet decided): one sum.
  const refused = counts.refused.filter(r => r.cases > 0);
  const undecided = counts.handedOver - counts.identified - refused.reduce((sum, r) => sum + r.cases, 0);
  const split = suppressParts([counts.identified, ...refused.map(r => r.cases), ...(undecided > 0 ? [undecided] : [])]);
  // guessable = each model's guessable devices: one sum.
  const models = counts.models.filter(m => m.cases > 0);
  const modelCells = suppressParts(models.map(m => m.cases));
  return {
    format: 'notice-figures/1',
    month: counts.month,
    rehearsal: counts.rehearsal,
    isps: counts.isps,
    addresses: counts.addresses,
    ports: counts.ports,
    answered: cell(counts.answered),
    prompts: cell(counts.prompts),
    detected: byKind(counts.detected),
    returned: cell(counts.returned),
    handedOver: cell(counts.handedOver),
    identified: split[0] ?? null,
    refused: refused.map((r, i) => ({ reason: r.reason, cases: split[i + 1] ?? null })),
    alertedMail: cell(counts.alertedMail),
    alertedLetter: cell(counts.alertedLetter),
    rechecked: cell(counts.rechecked),
    fixed: cell(counts.fixed),
    notSeen: cell(counts.notSeen),
    stillOpen: cell(counts.stillOpen),
    models: models.map((m, i) => ({ label: m.label, cases: modelCells[i] ?? null })),
    inquiries: counts.inquiries.filter(q => q.count > 0).map(q => ({ outcome: q.outcome, count: cell(q.count) })),
  };
}
