/** The halt of all alerts of one ISP, and the two different people who must release it (invariant 14). */
import type { Kysely } from 'kysely';
import { contentId } from '../record/digest.ts';
import type { Instant } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';

export async function haltAlerts(db: Kysely<IspTables>, reason: string, since: Instant): Promise<void> {
  await db
    .insertInto('halt')
    .values({ id: contentId('halt', [reason, since]), since, reason, released_by: '[]', released_at: null })
    .onConflict(c => c.column('id').doNothing())
    .execute();
}

/** One person, however they type their name. */
const personOf = (name: string): string => name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();

export interface Released {
  /** Halts that hold on, and how many people each still lacks is one. */
  readonly left: number;
  readonly released: number;
}

/** Releases what two different people have asked to release; the first one's word is kept. */
export async function releaseHalts(db: Kysely<IspTables>, person: string, now: Instant): Promise<Released> {
  return await db.transaction().execute(async tx => {
    const open = await tx.selectFrom('halt').selectAll().where('released_at', 'is', null).execute();
    let left = 0;
    for (const one of open) {
      const before = JSON.parse(one.released_by) as string[];
      const people = before.some(other => personOf(other) === personOf(person)) ? before : [...before, person.trim()];
      const released = people.length >= 2;
      if (!released) left++;
      await tx
        .updateTable('halt')
        .set({ released_by: JSON.stringify(people), released_at: released ? now : null })
        .where('id', '=', one.id)
        .execute();
    }
    return { left, released: open.length - left };
  });
}
