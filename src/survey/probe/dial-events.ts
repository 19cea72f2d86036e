/** What both ways of dialling agree on: names of errors to outcomes, and how long a polite goodbye may take. */
import type { Outcome } from '../../record/observation.ts';

/** After FIN a peer has this long to say its own, ms. */
export const POLITE_MS = 1_000;

/** Bytes that may wait for a peer that does not read. No driver sends nearly as many. */
export const MOST_UNSENT = 64 * 1024;

const OF_ERROR: Readonly<Record<string, Outcome>> = {
  ECONNREFUSED: 'REFUSED',
  ECONNRESET: 'BUSY',
  EPIPE: 'BUSY',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  ENOPROTOOPT: 'UNREACHABLE',
  ETIMEDOUT: 'CONNECT_TIMEOUT',
};

/** Of a connect that failed. Anything unknown (EMFILE, EADDRNOTAVAIL, EPERM...) is this machine's own trouble. */
export const outcomeOfError = (name: string): Outcome => OF_ERROR[name] ?? 'LOCAL_RESOURCE';
