/**
 * Tells the breaker what became of one device of a class, and the audit log and a person when that decided something. In:
 * events of one check. Out: nothing. A class is a model as the rules name it, or what is unknown behind one protocol; the
 * unknown are many models, so a lockout of one does not slow the others, but a class that falls silent is stopped.
 */
import type { Audit, Budget } from '../../mandate/authority.ts';
import type { ClassEvent } from '../../mandate/breaker.ts';
import type { Protocol } from '../../record/glossary.ts';
import type { Clocks } from '../../record/instant.ts';
import type { Device, Outcome } from '../../record/observation.ts';

export interface WatchDeps {
  readonly clocks: Clocks;
  readonly budget: Budget;
  readonly audit: Audit;
  /** For the people who run the prober. Holds no address. */
  readonly onMessage?: (text: string) => void;
}

export const classOf = ({ vendor, model }: Device, protocol: Protocol): string =>
  model === undefined ? `unknown ${protocol}` : `${vendor} ${model}`;

export interface ClassWatch {
  readonly name: string;
  /** A login was seen. */
  seen(): void;
  locked(): void;
  /** How the next connection after a completed try went; only the first counts, and its silence. */
  askedAgain(outcome: Outcome): void;
}

const SILENT: ReadonlySet<Outcome> = new Set<Outcome>(['REFUSED', 'UNREACHABLE', 'CONNECT_TIMEOUT', 'BUSY']);

export function classWatch(device: Device, protocol: Protocol, deps: WatchDeps): ClassWatch {
  const name = classOf(device, protocol);
  let asked = false;
  let silent = false;
  const report = (event: ClassEvent) => {
    const told = deps.budget.classes.report(name, event, deps.clocks.calendar());
    if (!told) return;
    deps.audit.append(told.news === 'broken' ? 'class-broken' : 'class-alarm', { class: name });
    deps.onMessage?.(told.text);
  };
  return {
    name,
    seen: () => report('seen'),
    locked() {
      if (device.model !== undefined) report('locked');
    },
    askedAgain(outcome) {
      if (outcome === 'LOCAL_RESOURCE' || outcome === 'POLICY_STOP') return;
      if (!asked) report('asked-again');
      asked = true;
      if (SILENT.has(outcome) && !silent) {
        silent = true;
        report('gone-silent');
      }
    },
  };
}
