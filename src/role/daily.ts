/** Does something once a calendar day (JST), at the first call of that day; a day whose work failed is tried again. */
import { dayOf, type Instant } from '../record/instant.ts';

export function oncePerDay<T>(work: (at: Instant) => Promise<T>): (at: Instant) => Promise<T | undefined> {
  let done = '';
  return async at => {
    const today = dayOf(at);
    if (today === done) return undefined;
    const result = await work(at);
    done = today;
    return result;
  };
}
