/**
 * The simulated population that recall is computed over. In: the text of a file of published weights (the shipped one is
 * `recall-weights.json`; a programme may bring its own, of the same form). Out: services with their shares and the pairs
 * their owners left, or a Fault. Shares are relative: they are divided by their sums.
 */
import { z } from 'zod';
import { Fault } from '../../record/fault.ts';
import { PROTOCOLS, type Protocol } from '../../record/glossary.ts';

/** A kind of guessable service. */
export interface SimulatedService {
  /** Null when nothing it says names its maker. */
  readonly vendor: string | null;
  readonly protocol: Protocol;
  /** Of all guessable services; these sum to 1. */
  readonly share: number;
  /** What its owners left it with; these sum to 1. */
  readonly pairs: readonly { readonly user: string; readonly password: string; readonly share: number }[];
}

export interface SimulatedPopulation {
  readonly version: string;
  readonly notes: readonly string[];
  readonly services: readonly SimulatedService[];
}

const share = z.number().min(0).max(1_000_000);
const pair = z.strictObject({ user: z.string().max(64), password: z.string().max(64) });
const shape = z.strictObject({
  format: z.literal('notice-recall-weights/1'),
  version: z.string().regex(/^[\w.-]{1,64}$/),
  /** Where the weights come from. */
  notes: z.array(z.string()).min(1),
  /** Pairs that owners chose who did not keep the factory's. */
  chosen: z.array(pair.extend({ share })).min(1),
  models: z
    .array(
      z.strictObject({
        model: z.string().min(1),
        vendor: z.string().min(1).nullable(),
        shares: z.partialRecord(z.enum(PROTOCOLS), share),
        factory: pair,
        /** Of its owners who are guessable at all. */
        kept: z.number().min(0).max(1),
      }),
    )
    .min(1),
});

/** `file` is only for messages. Throws Fault('input'). */
export function readPopulation(text: string, file: string): SimulatedPopulation {
  const refuse = (what: string) =>
    new Fault('input', what, 'see the form in survey/credential/recall-population.ts', { where: file });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('is not JSON');
  }
  const parsed = shape.safeParse(json);
  // zod's message may quote the value; its path does not.
  if (!parsed.success)
    throw refuse(`${parsed.error.issues[0]?.path.join('.') || 'the whole'} is not of the form notice-recall-weights/1`);
  const { version, notes, chosen, models } = parsed.data;
  const chosenSum = chosen.reduce((a, one) => a + one.share, 0);
  const all = models.flatMap(({ shares }) => Object.values(shares)).reduce((a, b) => a + b, 0);
  if (chosenSum === 0 || all === 0) throw refuse('has shares that sum to nothing');
  const services = models.flatMap(({ vendor, shares, factory, kept }) => {
    const pairs = [
      { ...factory, share: kept },
      ...chosen.map(one => ({ ...one, share: ((1 - kept) * one.share) / chosenSum })),
    ];
    return Object.entries(shares).map(([protocol, of]) => ({
      vendor,
      protocol: protocol as Protocol,
      share: of / all,
      pairs,
    }));
  });
  return { version, notes, services };
}
