/**
 * What an odd device is: data about it (what is right to say of it, with a wrong and with a right pair) and one small
 * function on a real socket. All are fictional. The far end counts what it was sent; the survey's own report is never
 * believed about that.
 */
import type { Socket } from 'node:net';
import type { Protocol } from '../../record/glossary.ts';
import type { Reported, Verdict } from '../../record/observation.ts';

/** Stands behind every login, so that a search finds whether any of it was kept. */
export const POST_LOGIN = 'CANARY-post-login-text';

/** The one pair a device takes. */
export interface Key {
  readonly user: string;
  readonly password: string;
}

/** Whom a device tells what happens to it. */
export interface Sight {
  /**
   * A session is open: from here on nothing may arrive. `farewell` is how many bytes the protocol needs to take its
   * leave (SSH's disconnect message), 0 by default.
   */
  accepted(farewell?: number): void;
  /** One credential has arrived whole. Returns its number among those from the same source, from 1. */
  tried(user: string, password: string): number;
}

/** What devices with a memory need besides. */
export interface Witness extends Sight {
  /** The peer's address. */
  readonly source: string;
  /** This device's own, for as long as it stands. */
  readonly memory: Map<string, unknown>;
  /** Something only an intruder sends: a command, a channel, a request inside a session. */
  intruded(): void;
}

export type Device = (socket: Socket, key: Key | null, sight: Witness) => void;

/** A device without a memory. */
export type PlainDevice = (socket: Socket, key: Key | null, sight: Sight) => void;

/**
 * `honest`: found when it takes the pair, cleared when not. `deceptive`: takes what it should not, and must never be
 * reported. `unjudged`: nothing true can be said without more than a check may do, so nothing is said.
 */
export type Nature = 'honest' | 'deceptive' | 'unjudged';

export interface Right {
  /** Any of these. */
  readonly verdicts: readonly Verdict[];
  readonly reported: Reported;
}

export interface Personality {
  readonly protocol: Protocol;
  /** Number and order are those of the matrix in docs/decisions/0008-odd-devices-matrix.md. */
  readonly number: number;
  readonly title: string;
  readonly nature: Nature;
  readonly wrong: Right;
  readonly right: Right;
  /** Reads as somebody who takes the n-th pair of each source: needs a second source to be seen through. */
  readonly needsSecondSource?: boolean;
  /** It lets nobody in, whatever its pair. */
  readonly takesNone?: boolean;
  readonly device: Device;
}

const REPORTED: Partial<Record<Verdict, Reported>> = {
  CLEAR: 'clear',
  WEAK: 'positive',
  NO_AUTH: 'positive',
  LOCKED_COOLING: 'locked',
  NOT_A_LOGIN: 'not-a-login',
};
const right = (...verdicts: readonly [Verdict, ...Verdict[]]): Right => ({
  verdicts,
  reported: REPORTED[verdicts[0]] ?? 'inconclusive',
});

type Judged = Pick<Personality, 'nature' | 'wrong' | 'right'>;
/** Cleared with a wrong pair, found with the right one. */
export const HONEST: Judged = { nature: 'honest', wrong: right('CLEAR'), right: right('WEAK') };
const both =
  (nature: Nature) =>
  (...verdicts: readonly [Verdict, ...Verdict[]]): Judged => ({
    nature,
    wrong: right(...verdicts),
    right: right(...verdicts),
  });
/** The same is right whichever pair it takes. All verdicts of one call must be reported alike. */
export const deceptive = both('deceptive');
export const unjudged = both('unjudged');
export const NO_LOGIN: Judged = both('honest')('NO_AUTH');
/** A right pair cannot be told from a wrong one without more tries than are decent. */
export const judged = (wrong: Verdict, ...withRightPair: readonly [Verdict, ...Verdict[]]): Judged => ({
  nature: 'unjudged',
  wrong: right(wrong),
  right: right(...withRightPair),
});

/** Numbers a list in its order, from `first`. */
export const numbered = (
  protocol: Protocol,
  first: number,
  list: readonly Omit<Personality, 'protocol' | 'number'>[],
): readonly Personality[] => list.map((one, i) => ({ ...one, protocol, number: first + i }));

/** As the tests and the matrix name it: `3 accepts anything`. */
export const nameOf = ({ number, title }: Personality): string => `${number} ${title}`;
/** `telnet/3`. */
export const idOf = ({ protocol, number }: Personality): string => `${protocol}/${number}`;

/** For whoever stands one device up alone: by name, as devices that remember nothing between two connections. */
export const byName = (all: readonly Personality[]): Readonly<Record<string, PlainDevice>> =>
  Object.fromEntries(
    all.map(one => [
      nameOf(one),
      (socket, key, sight) =>
        one.device(socket, key, {
          ...sight,
          source: socket.remoteAddress ?? '',
          memory: new Map(),
          intruded: () => {},
        }),
    ]),
  );
