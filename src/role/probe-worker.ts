/**
 * The thread of one worker of `notice probe`: a whole prober over its own part of the addresses. In: its folder, paper and
 * targets. Out: what was checked. When the lines of as many checks as run at once are not printed yet, a check keeps its
 * place, so a reader that stops reading stops the checks. The edge where a thread's own clocks and chance are read.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { errorOf, Fault, fileFault } from '../record/fault.ts';
import { runChecks } from '../survey/probe/scheduler.ts';
import { chanceFrom } from './probe-chance.ts';
import type { Dealt, Done, FromProbeWorker, ToProbeWorker, WorkerStart } from './probe-messages.ts';
import { openUnit } from './probe-unit.ts';

const start = workerData as WorkerStart;
const port = parentPort;
if (port === null) throw new TypeError('this file is the thread of a worker');
const post = (message: FromProbeWorker): void => port.postMessage(message);
const clocks = { calendar: Date.now, monotonic: () => performance.now() };

const stop = new AbortController();
const waiting: Dealt[] = [];
let last = false;
let wake = (): void => {};
let unprinted = 0;
/** Checks that keep their place. */
let keeping: (() => void)[] = [];
const release = (): void => {
  const all = keeping;
  keeping = [];
  for (const resolve of all) resolve();
};

port.on('message', (message: ToProbeWorker) => {
  if (message.type === 'targets') waiting.push(...message.targets);
  else if (message.type === 'last') last = true;
  else if (message.type === 'stop') {
    stop.abort();
    release();
  } else {
    unprinted -= message.count;
    if (unprinted <= start.concurrency) release();
  }
  wake();
});

/** Never more than the command has given credit for. */
async function* targets(): AsyncGenerator<Dealt> {
  for (;;) {
    const next = waiting.shift();
    if (next) yield next;
    else if (last) return;
    else
      await new Promise<void>(resolve => {
        wake = resolve;
      });
  }
}

let done: Done[] = [];
/** Everything that is decided in one turn of the event loop goes in one message. */
function report(one: Done): void {
  if (done.push(one) > 1) return;
  setImmediate(() => {
    post({ type: 'done', done });
    done = [];
  });
}

async function run(): Promise<void> {
  const { digest, concurrency } = start;
  const unit = openUnit({
    ...start,
    clocks,
    random: chanceFrom(randomBytes),
    onMessage: text => post({ type: 'message', text }),
    // The command sees them itself, and tells its operator once.
    onExclusions: () => {},
  });
  try {
    if (unit.gate.digest !== digest)
      throw new Fault('mandate-refused', 'the mandate changed while it was read', 'start again', {
        where: start.files.mandate,
      });
    post({ type: 'ready' });
    const { signal } = stop;
    await runChecks(
      targets(),
      target => unit.check(target, signal),
      { concurrency, signal },
      (target, checked) => {
        report({ ...checked, n: target.n });
        if (++unprinted <= concurrency || signal.aborted) return;
        return new Promise<void>(resolve => keeping.push(resolve));
      },
    );
  } finally {
    unit.close();
  }
}

try {
  await run();
  // After whatever `report` still has.
  setImmediate(() => post({ type: 'end' }));
} catch (thrown) {
  const fault = thrown instanceof Fault ? thrown : fileFault(errorOf(thrown), start.folder);
  setImmediate(() => post({ type: 'fault', code: fault.code, message: fault.message }));
} finally {
  setImmediate(() => port.close());
}
