/**
 * Names of lines that an older version kept in the compartment become numbers, once, at the first start after it. In: the compartment,
 * the map of lines. Out: how many lines. A name that the logs no longer know leaves nobody: its case is asked about anew,
 * its alerts keep counting against the caps of their case. No name stays behind.
 */
import type { Kysely } from 'kysely';
import type { IspTables } from '../record/tables/isp.ts';
import type { Lines } from './isp-contacts.ts';

/** As the migration marked them. */
const MARK = 'name:';
/** After so many numbers without a name there are no more. */
const MISSING_MOST = 1_000_000;

export async function renumberLines(db: Kysely<IspTables>, lines: Lines): Promise<number> {
  const marked = async (table: 'case' | 'alert') =>
    (await db.selectFrom(table).select('subscriber').distinct().where('subscriber', 'like', `${MARK}%`).execute()).map(
      row => row.subscriber as string,
    );
  const names = new Set([...(await marked('case')), ...(await marked('alert'))]);
  if (names.size === 0) return 0;
  const numbers = new Map<string, string>();
  // Numbers of lines that the logs have forgotten are missing in between.
  for (let n = 1, missing = 0; missing < MISSING_MOST && numbers.size < names.size; n++) {
    const name = lines.nameOf(String(n));
    missing = name === undefined ? missing + 1 : 0;
    if (name !== undefined && names.has(`${MARK}${name}`)) numbers.set(`${MARK}${name}`, String(n));
  }
  for (const name of names) {
    const number = numbers.get(name);
    await db.transaction().execute(async tx => {
      await tx
        .updateTable('alert')
        .set({ subscriber: number ?? '0' })
        .where('subscriber', '=', name)
        .execute();
      await tx
        .updateTable('case')
        .set(number === undefined ? { subscriber: null, verdict: null, why: null } : { subscriber: number })
        .where('subscriber', '=', name)
        .execute();
    });
  }
  return names.size;
}
