/**
 * The thread that logs in: the ordinary runner over login.ts, with a gate of its own built from the tables it is handed,
 * which is asked as for any conversation. The edge where a thread's own clocks are read. It tells outcomes and counts only.
 */
import { parentPort } from 'node:worker_threads';
import crypto from 'ssh2/lib/protocol/crypto.js';
import type { Gate } from '../../../mandate/authority.ts';
import { gateFromTables } from '../../../mandate/gate.ts';
import type { Clocks } from '../../../record/instant.ts';
import { dial } from '../dial.ts';
import type { Attempted } from '../driver.ts';
import { converse } from '../runner.ts';
import { sshLogin } from './login.ts';
import { type Errand, type FromWorker, hrtime, type ToWorker } from './orders.ts';

const gates = new Map<number, { readonly gate: Gate; readonly clocks: Clocks }>();
const running = new Map<number, AbortController>();

async function run(errand: Errand, gate: Gate, clocks: Clocks, signal: AbortSignal): Promise<Attempted> {
  const { address, port, act, credential, from, algorithms, identity, notAfter } = errand;
  const talk = sshLogin({ user: credential.user, algorithms });
  const conversation = await converse(
    {
      address,
      port,
      act,
      transport: 'tcp',
      talk,
      ...(notAfter === undefined ? {} : { notAfter }),
      ...(from === undefined ? {} : { from }),
      // Reserved and logged before the errand came. Not for another server than the one it was reserved for.
      offer: facts => (facts.identity === identity ? { credential, act } : null),
    },
    { clocks, gate, dial, signal },
  );
  const facts = talk.facts();
  return { conversation, shape: facts.shape, identity: facts.identity };
}

function openGate(message: ToWorker & { readonly is: 'gate' }): void {
  const clocks: Clocks = { calendar: () => Date.now() + message.calendarOffsetMs, monotonic: hrtime };
  try {
    gates.set(message.gate, { gate: gateFromTables(message.tables, clocks), clocks });
  } catch {
    // Without a gate there is no errand: each is answered with nothing.
  }
}

const port = parentPort;
if (!port) throw new TypeError('this file is a thread');
let closing = false;
const close = () => {
  closing = true;
  for (const abort of running.values()) abort.abort();
  if (running.size === 0) port.close();
};
await crypto.init;
port.on('message', (message: ToWorker) => {
  if (message.is === 'gate') return openGate(message);
  if (message.is === 'stop') return running.get(message.id)?.abort();
  if (message.is === 'close') return close();
  const { id, errand } = message;
  const opened = gates.get(message.gate);
  const tell = (attempted: Attempted | undefined) => {
    running.delete(id);
    port.postMessage({ id, attempted } satisfies FromWorker);
    if (closing && running.size === 0) port.close();
  };
  if (!opened) return tell(undefined);
  const abort = new AbortController();
  running.set(id, abort);
  // What was thrown is not told: it might quote what it choked on.
  run(errand, opened.gate, opened.clocks, abort.signal).then(tell, () => tell(undefined));
});
