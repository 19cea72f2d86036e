/** `notice isp import --follow`: a log as it is written, until it is told to stop. */
import { followAssignments } from '../isp/assignment/follow.ts';
import type { SourceOptions } from '../isp/assignment/source-options.ts';
import { Fault } from '../record/fault.ts';
import { SECOND } from '../record/instant.ts';
import { say, visible } from './say.ts';
import { statusLine } from './status-line.ts';

const clocks = { monotonic: () => performance.now() };
/** Longest wait of one timer (setTimeout). */
const MOST_SECONDS = 2_147_483;

/** `seconds`: ends by itself after that; undefined: at Ctrl-C. */
export async function followLogs(
  files: readonly string[],
  about: SourceOptions,
  { seconds, json }: { readonly seconds: string | undefined; readonly json: boolean | undefined },
): Promise<void> {
  if (seconds !== undefined && (!/^[1-9]\d{0,6}$/.test(seconds) || Number(seconds) > MOST_SECONDS))
    throw new Fault('usage', `--for "${seconds}" is no number of seconds`, `write one up to ${MOST_SECONDS}`);
  const stop = new AbortController();
  const abort = () => stop.abort();
  const timer = seconds === undefined ? undefined : setTimeout(abort, Number(seconds) * SECOND);
  process.once('SIGINT', abort).once('SIGTERM', abort);
  const line = statusLine(process.stderr, clocks);
  let named = 0;
  try {
    const done = await followAssignments({
      ...about,
      ...{ files, clocks, signal: stop.signal },
      told: ({ used, rotations, rejected, rejectedCount }) => {
        for (const { where, why } of rejected.slice(named))
          process.stderr.write(`notice: ${visible(`${where}: ${why}`)}\n`);
        named = rejected.length;
        line.set(`${used.toLocaleString('en')} records, ${rejectedCount} not used, ${rotations} files ended`);
      },
    });
    const { used, rotations, rejectedCount } = done;
    say(json, { used, rotations, rejected: rejectedCount }, [
      `${used.toLocaleString('en')} records used, ${rejectedCount} not, ${rotations} files ended.`,
    ]);
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}
