/**
 * Where finished checks go: their lines to whoever reads the output, then their keys to the journal, in this order, so that
 * kill -9 in between prints a line twice and never loses one. In: rows and keys, one at a time. Out: one write for all that
 * came meanwhile. Whoever puts something in waits until it is with the reader: that is what stops the taking of targets.
 */
import type { Journal } from './probe-journal.ts';

export interface Outlet {
  /** Resolves when the rows are with the reader and the keys in the journal. Rejects with a Fault of the journal. */
  put(rows: string, key: Buffer | null): Promise<void>;
}

/** `print` resolves when its text has left this process; false: nobody reads any more, and it did not. */
export function openOutlet(print: (text: string) => Promise<boolean>, journal: Pick<Journal, 'add'>): Outlet {
  let rows: string[] = [];
  let keys: Buffer[] = [];
  let batch: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const write = async (before: Promise<void>): Promise<void> => {
    await before;
    // Everything that is decided in this turn of the event loop goes together.
    await new Promise(resolve => setImmediate(resolve));
    const [text, done] = [rows.join(''), keys];
    rows = [];
    keys = [];
    batch = undefined;
    if (text === '' || (await print(text))) journal.add(done);
  };
  return {
    put(text, key) {
      rows.push(text);
      if (key) keys.push(key);
      batch ??= last = write(last);
      return batch;
    },
  };
}
