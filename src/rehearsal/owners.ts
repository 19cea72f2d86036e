/**
 * How owners react to an alert. In: who was written to, over which channel, about what. Out: what they will do, on which
 * day. Every choice is a lot of seed, code and channel, so that hearing of the same alert twice changes nothing.
 */
import type { Channel } from '../record/alert.ts';
import type { FindingKind } from '../record/glossary.ts';
import { DAY, HOUR, type Instant, jstMidnight } from '../record/instant.ts';
import { lot } from './random.ts';
import type { Repair, World } from './world.ts';

/** Published rates where there are any; the others are named as ours. */
export const RATES = {
  /** E-mail by itself: 24 % of 177 customers did all steps (Rodríguez et al., J. Cybersecurity 2021), 4 of 17 in a
   *  think-aloud (Bouwmeester et al., SOUPS 2021); 76 % repaired against over 50 % without a mail (Çetin et al.,
   *  EuroS&P 2019). NDSS 2019 saw no effect of mail at all, so this is the generous end. */
  mail: 0.25,
  /** No study of letters: of the notices that were read about 40 % were acted on (Stock et al., USENIX Security 2016) and
   *  detailed notices raised patching by nearly 50 % (Durumeric et al., IMC 2014); a letter is nearly always read. */
  letter: 0.45,
  /** Ours: of those who act, how many have the fix checked on the site. */
  checks: 0.7,
  /** Ours: of those who check, how many press the button before they did anything. */
  looksFirst: 0.1,
  /** Most people who did one step believed they were done (SOUPS 2021): these change some other password. */
  botches: 0.1,
  /** Ours: of those who act, how many take the device off the network instead. */
  unplugs: 0.15,
  /** Around 3 % turned to somebody; ten times that when they were cut off (Çetin et al., SOUPS 2018). */
  inquires: 0.03,
} as const;

export interface Heard {
  readonly isp: string;
  readonly subscriber: string;
  readonly channel: Channel;
  readonly kind: FindingKind;
  readonly code: string;
  readonly at: Instant;
}

export interface Deed {
  readonly due: Instant;
  readonly code: string;
  readonly isp: string;
  readonly subscriber: string;
  /** Null when the person written to has no such device: somebody made a mistake. */
  readonly device: string | null;
  /** In this order. `check` presses "check again"; `ask` sends the contact form; `call` telephones. */
  readonly steps: readonly ('check' | 'repair' | 'ask' | 'call')[];
  readonly how: Repair;
}

export interface Owners {
  /** Somebody was written to. Out: whether that person will act. The same alert again changes nothing. */
  hear(heard: Heard): boolean;
  /** Takes out all that is due by now, oldest first. */
  due(now: Instant): Deed[];
  /** All that is left, for the journal. */
  save(): OwnersState;
}

export interface OwnersState {
  /** CODE/CHANNEL of every alert heard of. */
  readonly heard: readonly string[];
  readonly deeds: readonly Deed[];
}

const LONGEST_DAYS = 25;
const RETRY_DAYS = 3;

/** An exponential with a mean of four days after the day it arrives, in the hours in which people do such things. */
function dayOfDeed(at: Instant, chance: number): Instant {
  const days = 1 + Math.min(LONGEST_DAYS, Math.floor(-Math.log(1 - chance) * 4));
  return jstMidnight(at) + days * DAY + 10 * HOUR;
}

export function makeOwners(world: World, state?: OwnersState): Owners {
  const { seed } = world.options;
  const heard = new Set(state?.heard);
  let deeds: Deed[] = [...(state?.deeds ?? [])];

  function plan({ isp, subscriber, channel, kind, code, at }: Heard): Deed[] {
    const draw = (what: string) => lot(seed, 'owner', what, code, channel);
    const device = world.deviceOn(`${isp}/${subscriber}`)?.id ?? null;
    const base = { code, isp, subscriber, device };
    const due = dayOfDeed(at, draw('day'));
    if (device === null) {
      // Nothing to repair: half of them say so.
      const steps = draw('stranger') < 0.5 ? (['ask'] as const) : [];
      return steps.length > 0 ? [{ ...base, due, steps, how: 'password' }] : [];
    }
    const turns: Deed['steps'] = draw('inquires') < RATES.inquires ? [draw('telephone') < 0.5 ? 'call' : 'ask'] : [];
    if (draw('acts') >= RATES[channel])
      return turns.length > 0 ? [{ ...base, due, steps: turns, how: 'password' }] : [];
    if (draw('unplugs') < RATES.unplugs) return [{ ...base, due, steps: [...turns, 'repair'], how: 'unplug' }];
    const how: Repair = kind === 'firmware' ? 'firmware' : 'password';
    const check: Deed['steps'] = draw('checks') < RATES.checks ? ['check'] : [];
    if (draw('botches') < RATES.botches)
      return [
        { ...base, due, steps: [...turns, ...check], how },
        // Told that it is still open, they try again; those who did not look never learn.
        ...(check.length > 0
          ? [{ ...base, due: due + RETRY_DAYS * DAY, steps: ['repair', 'check'] as const, how }]
          : []),
      ];
    const first: Deed['steps'] = check.length > 0 && draw('first') < RATES.looksFirst ? ['check'] : [];
    return [{ ...base, due, steps: [...turns, ...first, 'repair', ...check], how }];
  }

  return {
    hear(alert) {
      const key = `${alert.code}/${alert.channel}`;
      if (heard.has(key)) return false;
      heard.add(key);
      const planned = plan(alert);
      deeds = [...deeds, ...planned].sort((a, b) => a.due - b.due || (a.code < b.code ? -1 : 1));
      return planned.some(deed => deed.steps.includes('repair'));
    },
    due(now) {
      const [out, left] = [deeds.filter(d => d.due <= now), deeds.filter(d => d.due > now)];
      deeds = left;
      return out;
    },
    save: () => ({ heard: [...heard], deeds }),
  };
}

/** The 13 digits of the alert code in a text as an owner reads it; undefined when there is none. */
export const codeIn = (text: string): string | undefined =>
  /(?<!\d)(\d{4})-(\d{4})-(\d{5})(?!\d)/.exec(text)?.slice(1).join('');
