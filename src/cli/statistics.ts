/** `notice statistics MONTH`: the frozen figures of a month, from the centre's own release. */
import { Command } from 'commander';
import { Fault } from '../record/fault.ts';
import { openCentreStore } from '../role/centre-store.ts';
import { csvCell, figuresCsv } from '../statistics/csv.ts';
import { DEFINITIONS, type FigureName } from '../statistics/definitions.ts';
import { readRelease } from '../statistics/release.ts';
import { table } from './table.ts';

interface Options {
  readonly state: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

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
          const lines = figuresCsv(figures).trimEnd().split('\r\n').slice(1);
          const unit = (name: string) =>
            Object.hasOwn(DEFINITIONS, name) ? DEFINITIONS[name as FigureName].en.unit : '';
          const rows = lines.map(line => {
            const [, name = '', label = '', value = ''] = line.split(',');
            return [label, value === csvCell(null) ? 'under 10' : Number(value).toLocaleString('en'), unit(name)];
          });
          process.stdout.write(
            `${figures.rehearsal ? '訓練 / REHEARSAL\n' : ''}${table([`month ${month}`, 'number', 'unit'], rows)}  digest ${row.digest}\n`,
          );
        }
      } finally {
        await store.close();
      }
    });
}
