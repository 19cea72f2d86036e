/**
 * Which devices there are: how many of each personality, make and weakness, in exact shares rather than by luck, then
 * shuffled. In: how many devices. Out: that many blueprints, without a place to stand.
 */
import { GUESSABLE_PAIRS, type Pair } from './guessable-pairs.ts';
import { MODEL_IDS, MODELS, type ModelId, TN_FIXED, TN_VULNERABLE } from './models.ts';
import {
  type Condition,
  HTTP_PERSONALITIES,
  type Personality,
  type Service,
  TELNET_PERSONALITIES,
} from './personality.ts';
import type { Random } from './random.ts';

export interface Blueprint {
  readonly model: ModelId;
  readonly services: readonly Service[];
  readonly condition: Condition;
}

/**
 * Shares of all devices. In Japan 0.27 % of the services with a prompt were guessable (May 2020); a rehearsal with that
 * share would show nothing, so weaknesses are made common and the summary says so.
 */
export const SHARE = {
  guessable: 0.4,
  vulnerableFirmware: 0.12,
  noLogin: 0.05,
  traps: 0.15,
  fixedFirmware: 0.04,
  firmwareUnsaid: 0.03,
  secondPort: 0.03,
} as const;

/** Dealt round and round to the traps; honeypots twice, because a false guessable there is the worst mistake. */
const TRAPS: readonly Personality[] = [
  'accepts-anything',
  'http-anything',
  'lockout',
  'tarpit',
  'garbage',
  'silent',
  'closes',
  'portal',
  'error-500',
  'login-page',
  'lockout-403',
  'password-only',
  'accepts-anything',
  'banner-art',
  'japanese',
  'byte-by-byte',
  'nop-sb',
  'http-anything',
];
/** Odd but honest: every second one has a guessable pair, which must be found all the same. */
const ODD: ReadonlySet<Personality> = new Set<Personality>(['banner-art', 'japanese', 'byte-by-byte', 'nop-sb']);

const isHttp = (p: Personality) => (HTTP_PERSONALITIES as readonly string[]).includes(p);
const isTelnet = (p: Personality) => (TELNET_PERSONALITIES as readonly string[]).includes(p);

/** A pair nobody guesses: 14 characters of an alphabet of 55. */
export const strongPair = (random: Random): Pair => ({ user: 'admin', password: random.text(14) });

/** Most owners left the factory's pair; the others chose another bad one. */
const weakPair = (model: ModelId, random: Random): Pair =>
  random.chance(0.6)
    ? (GUESSABLE_PAIRS[MODELS[model].factoryPair] as Pair)
    : (GUESSABLE_PAIRS[random.below(GUESSABLE_PAIRS.length)] as Pair);

type Secret = 'weak' | 'strong' | 'none';

function build(personality: Personality, model: ModelId, secret: Secret, firmware: string | null, random: Random) {
  const role = isHttp(personality) ? 'http' : random.chance(0.75) ? 'telnet' : 'telnet-alt';
  const pair = secret === 'none' ? null : secret === 'weak' ? weakPair(model, random) : strongPair(random);
  // A second port on the same line, for the law of one open connection per address; it costs the survey no tries.
  const second: Service[] =
    role !== 'http' && random.chance(SHARE.secondPort) ? [{ role: 'http', personality: 'portal' }] : [];
  return {
    model,
    services: [{ role, personality }, ...second],
    condition: { pair, guessable: secret === 'weak', firmware, online: true, asks: personality !== 'no-login' },
  } satisfies Blueprint;
}

const modelFor = (personality: Personality, random: Random): ModelId => {
  const protocol = isTelnet(personality) ? 'telnet' : 'http';
  // TN-1600 is dealt by its own shares.
  return random.pick(MODEL_IDS.filter(id => id !== 'tn-1600' && MODELS[id].protocols.includes(protocol)));
};

const ordinary = (random: Random): Personality =>
  random.chance(0.45) ? 'basic' : random.chance(0.85) ? 'shell' : 'menu';

export function makePopulation(devices: number, random: Random): Blueprint[] {
  const count = (share: number) => Math.round(devices * share);
  const out: Blueprint[] = [];
  const add = (personality: Personality, secret: Secret, model = modelFor(personality, random), firmware?: string) =>
    out.push(build(personality, model, secret, firmware ?? null, random));

  let weak = count(SHARE.guessable);
  const traps = count(SHARE.traps);
  for (let i = 0; i < traps; i++) {
    const personality = TRAPS[i % TRAPS.length] as Personality;
    const guessable = ODD.has(personality) && Math.floor(i / TRAPS.length) % 2 === 0;
    if (guessable) weak--;
    add(personality, guessable ? 'weak' : 'strong');
  }
  for (let i = count(SHARE.noLogin); i > 0; i--) add('no-login', 'none');
  for (let i = count(SHARE.vulnerableFirmware); i > 0; i--) {
    const guessable = i % 2 === 0 && weak > 0;
    if (guessable) weak--;
    add('basic', guessable ? 'weak' : 'strong', 'tn-1600', TN_VULNERABLE);
  }
  for (let i = count(SHARE.fixedFirmware); i > 0; i--) add('basic', 'strong', 'tn-1600', TN_FIXED);
  for (let i = count(SHARE.firmwareUnsaid); i > 0; i--) add('basic', 'strong', 'tn-1600');
  for (; weak > 0; weak--) add(ordinary(random), 'weak');
  while (out.length < devices) add(ordinary(random), 'strong');
  return random.shuffle(out).slice(0, devices);
}
