/**
 * The breaker's memory in the budget's folder. In: events of classes. Out: whether a class may be tried, and what to tell a
 * person. `classes.log` has a line of counts for each change that matters; `broken-classes.txt` names the classes that get
 * no tries, one a line, and is what a person edits: a line taken out releases the class at the next start.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../record/instant.ts';
import { isoOf } from '../record/instant.ts';
import { after, type ClassEvent, type ClassState, FRESH, onDay, triesOf } from './breaker.ts';
import { dayOf } from './budget-book.ts';

export interface Classes {
  /** No device of this class gets a try until a person releases it. */
  broken(name: string): boolean;
  /** How many of `most` tries a device of this class gets today. */
  tries(name: string, most: number, now: Instant): number;
  /** Undefined: nothing to tell. `text` says what happened and what to do. Throws what the disk throws. */
  report(
    name: string,
    event: ClassEvent,
    now: Instant,
  ): { readonly news: 'broken' | 'alarm'; readonly text: string } | undefined;
}

const HEAD = '# Classes of devices that get no tries. Take a line out to release one at the next start.\n';

function statesIn(file: string): Map<string, ClassState> {
  const states = new Map<string, ClassState>();
  if (!existsSync(file)) return states;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    try {
      const [name, state] = JSON.parse(line) as [string, ClassState];
      states.set(name, { ...FRESH, ...state });
    } catch {
      // A line torn by a crash: the one before it of the same class counts.
    }
  }
  return states;
}

export function openClasses(dir: string): Classes {
  const log = join(dir, 'classes.log');
  const list = join(dir, 'broken-classes.txt');
  const states = statesIn(log);
  const names = existsSync(list) ? readFileSync(list, 'utf8').split('\n') : [];
  const broken = new Set(
    names.filter(line => line !== '' && !line.startsWith('#')).map(line => line.split('\t')[0] as string),
  );
  // A class that was released begins anew: what broke it is not held against it twice.
  for (const [name, state] of states) if (state.broken && !broken.has(name)) states.set(name, FRESH);
  for (const name of broken) states.set(name, { ...(states.get(name) ?? FRESH), broken: true });
  const line = (name: string, state: ClassState) => `${JSON.stringify([name, state])}\n`;
  writeFileSync(`${log}.new`, [...states].map(([name, state]) => line(name, state)).join(''), { mode: 0o600 });
  renameSync(`${log}.new`, log);

  return {
    broken: name => states.get(name)?.broken === true,
    tries: (name, most, now) => triesOf(onDay(states.get(name) ?? FRESH, dayOf(now)), most),
    report(name, event, now) {
      const was = states.get(name) ?? FRESH;
      if (event === 'seen' || event === 'asked-again') {
        // No news comes of these, and every check has one.
        states.set(name, after(was, event, dayOf(now)));
        return undefined;
      }
      const { news, ...state } = after(was, event, dayOf(now));
      states.set(name, state);
      if (news === 'broken') {
        const head = existsSync(list) ? '' : HEAD;
        appendFileSync(list, `${head}${name}\t${isoOf(now)}\n`, { mode: 0o600 });
      }
      appendFileSync(log, line(name, state), { mode: 0o600 });
      const { goneSilent, askedAgain, locked, seen } = state;
      if (news === 'broken') {
        const counts = `${Math.ceil(goneSilent)} of ${Math.ceil(askedAgain)}`;
        const text = `${name}: ${counts} no longer answered after a try, so no more are tried; look into it, then take its line out of ${list} and start again`;
        return { news, text };
      }
      if (news === 'alarm')
        return {
          news,
          text: `${name}: ${locked} of ${seen} showed a lockout today; each model is slowed by its first`,
        };
      return undefined;
    },
  };
}
