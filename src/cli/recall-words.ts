/**
 * Recall for those who decide how often a device may be tried. In: a paper that loaded, a file of weights or none for the
 * shipped ones. Out: figures, and a small table in words that says that it is a simulation.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Paper } from '../mandate/paper.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { loadCatalogue } from '../survey/credential/catalogue.ts';
import { type Recall, recallOf } from '../survey/credential/recall.ts';
import { readPopulation } from '../survey/credential/recall-population.ts';
import { table } from './table.ts';

export interface RecallShown extends Recall {
  readonly population: string;
  readonly pairs: number;
}

const SHIPPED = fileURLToPath(new URL('../survey/credential/recall-weights.json', import.meta.url));

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
}

/** A string when the catalogue cannot be tried with, and says why. Throws Fault('input') on bad weights. */
export function recallFor(paper: Paper, population: string | undefined): RecallShown | string {
  const file = population ?? SHIPPED;
  const { version, services } = readPopulation(textOf(file), file);
  const { body } = paper.mandate;
  try {
    const catalogue = loadCatalogue(paper.catalogueText, body.identifiers.catalogueSha256, paper.files.catalogue);
    const own = body.limits.triesPerDevicePerRound;
    const recall = recallOf(catalogue, services, own === undefined ? [] : [own]);
    return { population: version, pairs: catalogue.pairs.length, ...recall };
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'catalogue') return thrown.message;
    throw thrown;
  }
}

const percent = (share: number | null): string => (share === null ? '–' : `${(100 * share).toFixed(1)} %`);

export function recallWords(shown: RecallShown | string): string[] {
  const title = 'How much the first tries find of what the whole catalogue would:';
  if (typeof shown === 'string') return ['', title, `  no figure: ${shown}`];
  const { rows, pairs, pairsInUse, population } = shown;
  const basis = `population ${population}, in which ${pairsInUse} of the catalogue's ${pairs} pairs occur`;
  if (pairsInUse === 0) return ['', title, `  no figure: ${basis}`];
  const cells = rows.map(({ tries, known, unknown, together }) => [
    tries === pairs ? `all ${pairs}` : String(tries),
    ...[known, unknown, together].map(percent),
  ]);
  return [
    '',
    title,
    ...table(['tries', 'model known', 'model unknown', 'as they come'], cells).trimEnd().split('\n'),
    '  A simulation and no measurement: devices and shares are fictional unless you bring your own (--population).',
    `  From ${basis}. Decoys come on top.`,
  ];
}
