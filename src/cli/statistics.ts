/** `notice statistics MONTH`: the frozen figures of a month, from the centre's own release. */
import { Command } from 'commander';
import { Fault } from '../record/fault.ts';
import { openCentreStore } from '../role/centre-store.ts';
import { figuresCsv } from '../statistics/csv.ts';
import { readRelease } from '../statistics/release.ts';
import { table } from './table.ts';

interface Options {
  readonly state: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** One line of our own CSV; no cell holds a line end. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(m => m[1]?.replaceAll('""', '"') ?? m[2] ?? '');

export function statisticsCommand(): Command {
  return new Command('statistics')
    .description("Print a month's frozen figures.")
    .argument('<month>', 'YYYY-MM')
    .requiredOption('--state <DIR>', "the centre's folder (its embedded store), unless DATABASE_URL names a PostgreSQL")
    .option('--json', 'the published bytes, one line')
    .option('--csv', 'RFC 4180, one figure a row')
    .addHelpText('after', '\nExample:\n  notice statistics 2026-11 --state .rehearsal/1/store\n')
    .action(async (month: string, options: Options) => {
      if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
        throw new Fault('usage', `"${month}" is no month`, 'write it as 2026-11');
      const store = await openCentreStore(options.state, { mustExist: true });
      try {
        const row = await store
          .centre()
          .selectFrom('release')
          .selectAll()
          .where('month', '=', month)
          .where('state', '=', 'frozen')
          .executeTakeFirst();
        if (!row)
          throw new Fault('input', `no frozen release of ${month} is here`, 'freeze the month at the centre first', {
            where: options.state,
          });
        const figures = readRelease(row);
        if (!figures)
          throw new Fault(
            'audit',
            `the release of ${month} does not match its digest`,
            'restore it from what was published; somebody changed it',
            { where: options.state },
          );
        if (options.json) process.stdout.write(`${row.figures}\n`);
        else if (options.csv) process.stdout.write(figuresCsv(figures));
        else {
          const rows = figuresCsv(figures)
            .trimEnd()
            .split('\r\n')
            .slice(1)
            .map(line => {
              const [, name = '', label = '', value = '', unit = ''] = cellsOf(line);
              const group = name.includes(':') ? `${name.split(':')[0]}: ` : name === 'model' ? 'model: ' : '';
              return [`${group}${label}`, value === '' ? '–' : Number(value).toLocaleString('en'), unit];
            });
          const hidden = rows.some(([, value]) => value === '–')
            ? '  – is not published: under 10, or it would give away a number under 10\n'
            : '';
          process.stdout.write(
            `${figures.rehearsal ? '訓練 / REHEARSAL\n' : ''}${table([`month ${month}`, 'number', 'unit'], rows)}${hidden}  digest ${row.digest}\n`,
          );
        }
      } finally {
        await store.close();
      }
    });
}
