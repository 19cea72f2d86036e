/**
 * What a month brings without anybody's doing: lines that get another address, weaknesses that heal by themselves,
 * repairs that come undone. Every decision depends only on seed, month and the thing itself, never on what else
 * happened, so replaying a rehearsal in other steps gives the same country.
 */
import { DAY, HOUR, type Instant, JST, monthStart, nextMonth } from '../record/instant.ts';
import { lot } from './random.ts';

export const FATE = {
  /** DHCP lines that change address in a month. */
  moves: 0.3,
  /** Moving boxes that vanish instead of releasing their lease. */
  vanishes: 0.25,
  /** Weak devices that are unplugged, replaced or repaired with no alert. Persistent weaknesses heal far more slowly
   *  than infections, whose natural clean-up was 58-74 % (Çetin et al., NDSS 2019). */
  heals: 0.05,
  /** Repaired devices that fall back in a month, by a reset or the old box out of the cupboard; the order of the 5 % in
   *  five months of re-infection in the same study. */
  relapses: 0.02,
} as const;

/** The country changes at night only: ticks, rounds and re-checks by day see it standing still. */
export const NIGHT = { from: 2 * HOUR, to: 6 * HOUR } as const;

export type Fate =
  | { readonly type: 'move'; readonly at: Instant; readonly line: string; readonly releases: boolean }
  | { readonly type: 'heal'; readonly at: Instant; readonly device: string; readonly how: 'password' | 'unplug' }
  | { readonly type: 'relapse'; readonly at: Instant; readonly device: string };

/** A whole second of some night of the month. */
function nightOf(month: string, ...words: string[]): Instant {
  const first = monthStart(month);
  const days = Math.round((monthStart(nextMonth(month)) - first) / DAY);
  const day = Math.floor(lot('day', month, ...words) * days);
  const within = NIGHT.from + lot('hour', month, ...words) * (NIGHT.to - NIGHT.from);
  return first + day * DAY + Math.floor(within / 1000) * 1000;
}

/** All that fate holds for a month, in order of time. */
export function fateOf(
  seed: string,
  month: string,
  movingLines: readonly string[],
  devices: readonly string[],
): readonly Fate[] {
  const out: Fate[] = [];
  for (const line of movingLines)
    if (lot(seed, 'moves', month, line) < FATE.moves)
      out.push({
        type: 'move',
        at: nightOf(month, seed, 'move', line),
        line,
        releases: lot(seed, 'releases', month, line) >= FATE.vanishes,
      });
  for (const device of devices) {
    if (lot(seed, 'heals', month, device) < FATE.heals)
      out.push({
        type: 'heal',
        at: nightOf(month, seed, 'heal', device),
        device,
        how: lot(seed, 'how', month, device) < 0.5 ? 'password' : 'unplug',
      });
    if (lot(seed, 'relapses', month, device) < FATE.relapses)
      out.push({ type: 'relapse', at: nightOf(month, seed, 'relapse', device), device });
  }
  const name = (f: Fate) => (f.type === 'move' ? f.line : f.device);
  return out.sort((a, b) => a.at - b.at || (name(a) < name(b) ? -1 : 1));
}

/** Whether an instant lies in the hours in which the country may change. */
export const isNight = (at: Instant): boolean => {
  const time = (at + JST) % DAY;
  return time >= NIGHT.from && time < NIGHT.to;
};
