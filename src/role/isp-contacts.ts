/**
 * From an agent-local number to a contact: the only step that opens the sealed map of lines. In: the folder of the index, the key of
 * the map, the ISP's contact source. Out: one look-up, and what a number stands for where people send by hand.
 */
import type { KeyObject } from 'node:crypto';
import { openSubscribers, type Subscribers } from '../isp/assignment/subscribers.ts';
import type { ContactSource, LookedUp } from '../isp/contact/contact.ts';

export interface Lines {
  /** The ISP's own id of the line. */
  nameOf(subscriber: string): string | undefined;
  /** The map is read anew at the next question: an import may have added to it. */
  forget(): void;
}

export function linesIn(dir: string, key: KeyObject | undefined): Lines {
  let open: Subscribers | undefined;
  return {
    nameOf: subscriber => {
      if (!/^[1-9]\d{0,9}$/.test(subscriber)) return undefined;
      open ??= openSubscribers(dir, key);
      return open.nameOf(Number(subscriber));
    },
    forget: () => {
      open = undefined;
    },
  };
}

export const lookUpIn =
  (lines: Lines, source: ContactSource) =>
  async (subscriber: string): Promise<LookedUp> => {
    const line = lines.nameOf(subscriber);
    if (line === undefined)
      return { refused: `line ${subscriber} is not in the map of lines`, where: 'the logs', later: true };
    return await source.lookUp(line);
  };
