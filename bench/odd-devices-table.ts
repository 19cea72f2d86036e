/** The matrix as a table, and its sums. Pure. In: cells. Out: text (of Markdown, too), counts for each program. */
import { idOf, type Personality } from '../src/rehearsal/odd-devices/device.ts';
import type { Cell } from './odd-devices-run.ts';

export interface Sums {
  /** With a pair that is wrong, or of a device that lets in anybody. */
  'false claims': number;
  /** Honest devices with that very pair. */
  missed: number;
  /** It did not end, with one pair or the other. */
  hangs: number;
  /** Of those missed, how many were never asked: counted at the device. */
  'never tried': number;
}

const takesPair = (one: Personality): boolean => one.nature === 'honest' && one.right.verdicts.includes('WEAK');

/** A claim with a wrong pair is false; so is one with a right pair where the pair plays no part. */
export const isFalse = (one: Personality, { half, said }: Cell): boolean =>
  said === 'found' && (half === 'wrong' || one.nature === 'deceptive' || one.takesNone === true);

export function sumsOf(among: readonly Personality[], cells: readonly Cell[]): ReadonlyMap<string, Sums> {
  const byId = new Map(among.map(one => [idOf(one), one]));
  const sums = new Map<string, Sums>();
  const claimed = new Set<string>();
  const hung = new Set<string>();
  for (const cell of cells) {
    const one = byId.get(cell.id);
    if (!one) continue;
    const sum = sums.get(cell.tool) ?? { 'false claims': 0, missed: 0, hangs: 0, 'never tried': 0 };
    sums.set(cell.tool, sum);
    if (cell.said === 'alien') continue;
    const device = `${cell.tool} ${cell.id}`;
    if (isFalse(one, cell) && !claimed.has(device)) {
      claimed.add(device);
      sum['false claims']++;
    }
    if (cell.half === 'right' && takesPair(one) && cell.said !== 'found') sum.missed++;
    if (cell.said === 'hang' && !hung.has(device)) {
      hung.add(device);
      sum.hangs++;
    }
    if (takesPair(one) && cell.half === 'right' && cell.tries === 0) sum['never tried']++;
  }
  return sums;
}

/** What stands in the matrix: `FOUND` is a claim; `missed` a right pair not found. */
function wordOf(one: Personality, cell: Cell | undefined): string {
  if (!cell || cell.said === 'alien') return '–';
  if (cell.said === 'hang') return 'hang';
  if (cell.said === 'found') return isFalse(one, cell) ? 'FALSE' : 'found';
  if (cell.verdict !== undefined) return cell.verdict;
  return cell.half === 'right' && takesPair(one) ? 'missed' : 'no';
}

export function matrixText(
  all: readonly Personality[],
  cells: readonly Cell[],
  versions: Readonly<Record<string, string>>,
): string {
  const tools = [...new Set(cells.map(cell => cell.tool))];
  const of = new Map(cells.map(cell => [`${cell.tool} ${cell.id} ${cell.half}`, cell]));
  const heads = tools.map(tool => (tool === 'ours' ? 'ours' : `${tool} ${versions[tool] ?? ''}`));
  const rows = [
    ['device', ...heads.map(head => `${head}, wrong / right pair`)],
    ...all.map(one => [
      `${idOf(one)} ${one.title}`,
      ...tools.map(tool => {
        const [wrong, right] = (['wrong', 'right'] as const).map(half =>
          wordOf(one, of.get(`${tool} ${idOf(one)} ${half}`)),
        );
        return `${wrong} / ${right}`;
      }),
    ]),
  ];
  const sums = sumsOf(all, cells);
  for (const what of ['false claims', 'missed', 'hangs', 'never tried'] as const)
    rows.push([what, ...tools.map(tool => String(sums.get(tool)?.[what] ?? 0))]);
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) => `| ${row.map((word, i) => word.padEnd(widths[i] ?? 0)).join(' | ')} |\n`;
  const [head = [], ...body] = rows;
  return line(head) + line(widths.map(width => '-'.repeat(width))) + body.map(line).join('');
}
