/** The thread that judges copies of frames while the sender waits for it, and knows new exclusions before it judges. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { makeSamples } from './audit-ring.ts';
import { makeJudge } from './self-audit.ts';
import type { FromSelfAudit, SelfAuditInput, ToSelfAudit } from './self-audit-messages.ts';

const { ring, law, control, port } = workerData as SelfAuditInput;
/** ms without a frame, after which it looks whether it should end. */
const NAP = 50;

const judge = makeJudge(law);
const samples = makeSamples(ring);
let said = false;

function isRight(frame: Uint8Array, at: number): boolean {
  for (let word = receiveMessageOnPort(port); word !== undefined; word = receiveMessageOnPort(port))
    judge.exclude((word as { message: ToSelfAudit }).message.exclude);
  const wrong = judge.judge(frame, at);
  if (wrong === undefined) return true;
  const word: FromSelfAudit = { wrong };
  if (!said) port.postMessage(word);
  said = true;
  return false;
}

// Whatever ends this thread, nobody sends unseen.
try {
  while (samples.next(isRight, NAP) || Atomics.load(control, 0) === 0);
} finally {
  samples.stop();
  port.close();
}
