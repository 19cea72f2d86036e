/**
 * The self-audit's ends in the other threads. `lawOf`: the paper in its own words, with exclusions as they come. Main thread:
 * `startSelfAudit` starts the auditing thread, tells it of exclusions, and hears what was wrong. Sender: `auditFrom`, which
 * copies frames and may have to wait.
 */
import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Paper } from '../../../mandate/paper.ts';
import type { Prefix } from '../../../record/address.ts';
import { Fault } from '../../../record/fault.ts';
import type { Instant } from '../../../record/instant.ts';
import { type AuditRing, makeAuditRing, makeSampler, makeSamples, type Sampler } from './audit-ring.ts';
import type { Slots } from './packet-driver.ts';
import type { Route } from './route.ts';
import type { AuditLaw, DatedExclusion } from './self-audit.ts';
import type { FromSelfAudit, SelfAuditInput, ToSelfAudit } from './self-audit-messages.ts';

/** What a raw sweep is judged by; apart from the gate, which it is there to doubt. */
export interface SweepLaw extends Pick<AuditLaw, 'mandate' | 'consents'> {
  /** All so far. */
  readonly exclusions: readonly DatedExclusion[];
  /** Hears of those to come; returns how to stop. */
  onExclude(tell: (more: readonly DatedExclusion[]) => void): () => void;
}

interface Closing {
  exclude(prefixes: readonly Prefix[]): void;
  stop(): void;
}

/** `around` wraps the gate that exclusions are told to: first it closes, then the law knows since when. */
export function lawOf(paper: Paper, calendar: () => Instant): SweepLaw & { around(gate: Closing): Closing } {
  const exclusions: DatedExclusion[] = paper.exclusions.map(({ prefix }) => ({
    prefix,
    since: Number.NEGATIVE_INFINITY,
  }));
  const listeners = new Set<(more: readonly DatedExclusion[]) => void>();
  return {
    mandate: paper.mandate.body,
    consents: paper.consents.map(({ body }) => body),
    exclusions,
    onExclude(tell) {
      listeners.add(tell);
      return () => void listeners.delete(tell);
    },
    around: gate => ({
      exclude(prefixes) {
        gate.exclude(prefixes);
        const since = calendar();
        const more = prefixes.map(prefix => ({ prefix, since }));
        exclusions.push(...more);
        for (const tell of listeners) tell(more);
      },
      stop: () => gate.stop(),
    }),
  };
}

export interface SelfAudit {
  /** For the sender's thread. */
  readonly ring: AuditRing;
  /** Frames judged so far. */
  judged(): number;
  /** Resolves when what was copied has been judged. */
  end(): Promise<void>;
}

/** `onFailure`: a frame was wrong, or the thread is gone. Either way no batch is begun any more. */
export function startSelfAudit(
  law: SweepLaw,
  route: Route,
  sourcePort: number,
  onFailure: (thrown: unknown) => void,
): SelfAudit {
  const ring = makeAuditRing();
  const samples = makeSamples(ring);
  const control = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const { mandate, consents, exclusions } = law;
  const { mac, gatewayMac, source } = route;
  const workerData: SelfAuditInput = {
    ring,
    law: { mandate, consents, exclusions: [...exclusions], mac, gatewayMac, source, sourcePort },
    control,
    port: port2,
  };
  const tell = (exclude: ToSelfAudit['exclude']): void => port1.postMessage({ exclude } satisfies ToSelfAudit);
  const silence = law.onExclude(tell);
  // The same file under its compiled and its source name.
  const worker = new Worker(new URL(`./self-audit-worker${extname(import.meta.url)}`, import.meta.url), {
    workerData,
    transferList: [port2],
  });
  let wanted = true;
  port1.on('message', ({ wrong }: FromSelfAudit) =>
    onFailure(
      new Fault(
        'mandate-refused',
        `the self-audit stopped the sweep, because a frame was not what the mandate allows: ${wrong}`,
        'do not resume: report this as a fault of the program, with the audit log',
      ),
    ),
  );
  worker.once('error', onFailure);
  worker.once('exit', () => {
    samples.stop();
    if (wanted) onFailure(new Fault('resource', 'the auditing thread ended without a word', 'resume'));
  });
  // Its end of the port closes with it, behind its last word.
  const ended = new Promise<void>(resolve => port1.once('close', resolve));
  return {
    ring,
    judged: () => samples.judged,
    async end() {
      wanted = false;
      silence();
      Atomics.store(control, 0, 1);
      await ended;
    },
  };
}

/** The sender's end: frames of `length` bytes in these slots; `seed` says which of them. */
export function auditFrom(
  ring: AuditRing,
  slots: Slots,
  length: number,
  calendar: () => Instant,
  seed: number,
): Sampler {
  let state = seed >>> 0 || 1;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return makeSampler(ring, slots, length, calendar, random);
}
