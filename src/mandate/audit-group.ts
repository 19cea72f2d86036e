/**
 * What is logged in one turn of the event loop goes to its files in one write each; until then whoever wants to send waits.
 * In: files that owe lines, and who waits for them. Out: `written` when every line owed so far is with the kernel, where
 * kill -9 takes nothing back; or `unwritten` with the Fault, and then nothing of that turn may be sent, nor ever after.
 */
export interface Waiting {
  written(): void;
  unwritten(thrown: unknown): void;
}

export interface WriteGroup {
  /** A file joins with what writes its lines, which throws a Fault when it cannot. Out: to be called when it owes some. */
  join(write: () => void): () => void;
  /** Calls back in this turn's end, in the order of asking. Never from inside. */
  wait(waiting: Waiting): void;
}

/** `atTurnsEnd` calls back before the event loop looks for traffic again. */
export function writeGroup(atTurnsEnd: (work: () => void) => void = setImmediate): WriteGroup {
  const files: { readonly write: () => void; owes: boolean }[] = [];
  let waiting: Waiting[] = [];
  let planned = false;
  let failure: { readonly thrown: unknown } | undefined;

  function flush(): void {
    planned = false;
    try {
      for (const file of files) {
        if (!file.owes) continue;
        file.owes = false;
        if (!failure) file.write();
      }
    } catch (thrown) {
      failure = { thrown };
    }
    const all = waiting;
    waiting = [];
    for (const one of all) {
      if (failure) one.unwritten(failure.thrown);
      else one.written();
    }
  }
  function plan(): void {
    if (planned) return;
    planned = true;
    atTurnsEnd(flush);
  }

  return {
    join(write) {
      const file = { write, owes: false };
      files.push(file);
      return () => {
        file.owes = true;
        plan();
      };
    },
    wait(one) {
      waiting.push(one);
      plan();
    },
  };
}

/** Resolves when all that was logged so far is written; rejects with the Fault. At once where writes are not grouped. */
export const allWritten = (group: WriteGroup | undefined): Promise<void> =>
  group ? new Promise((resolve, reject) => group.wait({ written: resolve, unwritten: reject })) : Promise.resolve();
