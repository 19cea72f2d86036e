/** Child process of the kill -9 test: commits rows without end and prints each day once the store has confirmed it. */
import { openStore } from '../../src/store/open.ts';

const [dir = '', time = ''] = process.argv.slice(2);
const store = await openStore({ dir });
const db = store.centre();
for (let n = 0; ; n++) {
  const day = `${time}/${n}`;
  await db.insertInto('audit_root').values({ day, root: '', entries: n }).execute();
  process.stdout.write(`${day}\n`);
  await db.transaction().execute(async tx => {
    for (const shard of [2 * n, 2 * n + 1])
      await tx
        .insertInto('sweep_count')
        .values({ round: time, shard, total: 1, sent: 1, excluded: 0, answered: 0, done: true })
        .execute();
  });
}
