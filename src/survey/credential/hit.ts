/**
 * A hit whose control is not finished, kept as marks in the prober's state: the next check of that service goes on with the
 * control and tries no pair. In: the service, what it showed, the catalogue. Out: the pair again, and how far the control
 * came; or nothing, when another device stands there now or another catalogue is in force.
 */
import type { Budget } from '../../mandate/authority.ts';
import type { Instant } from '../../record/instant.ts';
import type { Catalogue, Pair } from './catalogue.ts';
import type { Progress } from './control.ts';
import type { Shown, Target } from './knock.ts';

export interface OpenHit {
  readonly pair: Pair;
  readonly progress: Progress;
  sameShape(shape: string): boolean;
  keep(progress: Progress): void;
  /** The control came to an end. */
  drop(): void;
}

interface HitDeps {
  readonly budget: Budget;
  readonly catalogue: Catalogue;
  readonly clocks: { readonly calendar: () => Instant };
}

const serviceOf = ({ address, port }: Target): string => `${address}:${port}`;

const marksOf = ({ protocol }: Target, { identification, asks }: Shown, { budget, catalogue }: HitDeps) => {
  const { mark } = budget.unconfirmed;
  const { vendor = '', model = '' } = identification.device;
  return {
    device: () => mark('device', protocol, vendor, model, asks ?? ''),
    pair: ({ ordinal }: Pair) => mark('pair', catalogue.sha256, String(ordinal)),
    shape: (shape: string) => mark('shape', shape),
  };
};

const NONE: Progress = { refused: false, rungs: 0 };

/** Written at once: a crash in the control must not make the next check try pairs. */
export function openHit(target: Target, seen: Shown, pair: Pair, shape: string, deps: HitDeps): OpenHit {
  const marks = marksOf(target, seen, deps);
  const hit = { pair: marks.pair(pair), device: marks.device(), shape: marks.shape(shape) };
  const open = reopened(target, pair, hit, NONE, deps, own => own === shape);
  open.keep(NONE);
  return open;
}

export function hitOf(target: Target, seen: Shown, deps: HitDeps): OpenHit | undefined {
  const kept = deps.budget.unconfirmed.get(serviceOf(target));
  if (!kept) return undefined;
  const marks = marksOf(target, seen, deps);
  const pair = deps.catalogue.pairs.find(one => marks.pair(one) === kept.pair);
  if (!pair || kept.device !== marks.device()) {
    deps.budget.unconfirmed.clear(serviceOf(target), deps.clocks.calendar());
    return undefined;
  }
  return reopened(target, pair, kept, kept, deps, shape => marks.shape(shape) === kept.shape);
}

function reopened(
  target: Target,
  pair: Pair,
  { pair: mark, device, shape }: { readonly pair: string; readonly device: string; readonly shape: string },
  { refused, rungs }: Progress,
  { budget, clocks }: HitDeps,
  sameShape: (shape: string) => boolean,
): OpenHit {
  return {
    pair,
    progress: { refused, rungs },
    sameShape,
    keep: progress =>
      budget.unconfirmed.set(serviceOf(target), { pair: mark, device, shape, ...progress }, clocks.calendar()),
    drop: () => budget.unconfirmed.clear(serviceOf(target), clocks.calendar()),
  };
}
