/**
 * Small-cell suppression. A cell under 10 is not published; and where published cells add up to a published total, a
 * second one goes with it, so that subtraction gives nothing back. In: counts. Out: figures; `null` means "under 10, or
 * withheld so that another stays hidden". Categories that do not occur are left out, not shown as suppressed.
 *
 * Hidden categories lose their names too: one row `other` stands for all of them. Were they listed, their number would be
 * known, and ten of them that add up to 10 would be one each. The test tries every small month against somebody who knows
 * these rules.
 */
import type { FindingKind } from '../record/glossary.ts';
import { FINDING_KINDS } from '../record/glossary.ts';
import type { Cell, MonthCounts, MonthFigures } from '../record/statistics.ts';

/** The least count that is published. */
export const LEAST = 10;

export const cell = (count: number): Cell => (count < LEAST ? null : count);

/**
 * Suppresses parts of a published sum. The hidden parts are at least two and together at least 10, or all of them. Equal
 * parts share their fate, and tens go with the first that is hidden: so any two hidden parts could be swapped and the
 * month would look the same, and when all are equal one could be one more and another one less. Nobody knows which is which.
 */
export function suppressParts(parts: readonly number[]): Cell[] {
  let below = parts.some(count => count < LEAST) ? LEAST + 1 : 0;
  for (const count of parts.filter(part => part >= below).sort((a, b) => a - b)) {
    const hidden = parts.filter(part => part < below);
    if (hidden.length === 0 || (hidden.length >= 2 && hidden.reduce((a, b) => a + b, 0) >= LEAST)) break;
    below = count + 1;
  }
  return parts.map(count => (count < below ? null : count));
}

/** The label of the row that stands for every category not shown by name. */
export const OTHERS = 'other';

interface Category {
  readonly name: string;
  readonly count: number;
}

/**
 * Parts of a published sum that have names, after `unnamed` parts of the same sum (a figure of its own, a remainder
 * nobody lists). Out: the unnamed cells in order; the shown categories, then one row for the rest when anything is hidden.
 */
function suppressCategories(unnamed: readonly number[], named: readonly Category[]) {
  const occurring = named.filter(category => category.count > 0);
  const cells = suppressParts([...unnamed, ...occurring.map(category => category.count)]);
  const shown = occurring.flatMap(({ name }, at) => {
    const count = cells[unnamed.length + at] ?? null;
    return count === null ? [] : [{ name, count: count as Cell }];
  });
  return {
    unnamed: cells.slice(0, unnamed.length),
    named: cells.includes(null) ? [...shown, { name: OTHERS, count: null }] : shown,
  };
}

const byKind = (counts: Readonly<Record<FindingKind, number>>) =>
  Object.fromEntries(FINDING_KINDS.map(kind => [kind, cell(counts[kind])])) as Record<FindingKind, Cell>;

export function suppress(counts: MonthCounts): MonthFigures {
  // handed over = identified + each refusal reason (+ not yet decided): one sum.
  const undecided = counts.handedOver - counts.identified - counts.refused.reduce((sum, r) => sum + r.cases, 0);
  const handed = suppressCategories(
    [counts.identified, ...(undecided > 0 ? [undecided] : [])],
    counts.refused.map(r => ({ name: r.reason, count: r.cases })),
  );
  // guessable = each model's guessable devices: one sum.
  const models = suppressCategories(
    [],
    counts.models.map(m => ({ name: m.label, count: m.cases })),
  );
  // What became of cases adds up to what was handed over in a first month: one sum. A zero names nobody.
  const became = [counts.fixed, counts.notSeen, counts.stillOpen];
  const some = suppressParts(became.filter(count => count > 0));
  const [fixed, notSeen, stillOpen] = became.map(count => (count > 0 ? (some.shift() ?? null) : null));
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
    identified: handed.unnamed[0] ?? null,
    refused: handed.named.map(r => ({ reason: r.name, cases: r.count })),
    alertedMail: cell(counts.alertedMail),
    alertedLetter: cell(counts.alertedLetter),
    rechecked: cell(counts.rechecked),
    fixed: fixed ?? null,
    notSeen: notSeen ?? null,
    stillOpen: stillOpen ?? null,
    models: models.named.map(m => ({ label: m.name, cases: m.count })),
    inquiries: counts.inquiries.filter(q => q.count > 0).map(q => ({ outcome: q.outcome, count: cell(q.count) })),
  };
}
