/**
 * Writing that waits for its reader. In: text. Out: whether it left this process. A reader that stops reading stops whoever
 * waits, so that nothing piles up; one that is gone, or stays silent after the command was asked to end, is not waited for.
 */

/** How long a reader may stay silent once the command is to end, ms. */
const PATIENCE = 2_000;

export function printer(stream: NodeJS.WritableStream & { destroy(): unknown }, signal: AbortSignal) {
  return (text: string): Promise<boolean> =>
    new Promise(resolve => {
      let late: NodeJS.Timeout | undefined;
      const over = (taken: boolean): void => {
        clearTimeout(late);
        signal.removeEventListener('abort', hurry);
        resolve(taken);
      };
      const hurry = (): void => {
        late = setTimeout(() => {
          over(false);
          // What is still in the buffer is told again by the next start: it is not in the journal.
          stream.destroy();
        }, PATIENCE);
      };
      stream.write(text, error => over(!error));
      if (signal.aborted) hurry();
      else signal.addEventListener('abort', hurry, { once: true });
    });
}

/** One line at a time to people, who may scroll: waits while their terminal or pipe is full. */
export function teller(stream: NodeJS.WritableStream, signal: AbortSignal) {
  return (text: string): void | Promise<void> => {
    if (stream.write(`${text}\n`) || signal.aborted) return;
    return new Promise(resolve => {
      const over = (): void => {
        stream.removeListener('drain', over);
        signal.removeEventListener('abort', over);
        resolve();
      };
      stream.once('drain', over);
      signal.addEventListener('abort', over, { once: true });
    });
  };
}
