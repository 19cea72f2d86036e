/**
 * Carrier NAT of Cisco service modules (CRS, ASR): `[Event L4 origIP insideVRF origIPv6 outsideIP origPort first last dstIP dstPort]`,
 * several in one datagram, `-` for what does not apply, after `… NAT44 -` or `… DSLITE -`. Source: IOS XR Carrier Grade NAT
 * Configuration Guide, "Syslog Message Format", and the CNAT module in the first releases of VPP, which writes its own stamp in
 * UTC. The last two fields are destinations and are never read.
 */
import type { Dialect, Record, Said } from './dialect.ts';
import { type Wording, wordingOf } from './wording.ts';

/** First port and last; a session has only the first. */
const FIELDS = '{protocol} {inside} {realm} {inside6} {outside} {skip} {first} {last}';

const EVENTS: Readonly<{ [event: string]: Said['what'] }> = {
  UserbasedA: 'begin',
  UserbasedW: 'end',
  SessionbasedA: 'begin',
  SessionbasedAD: 'begin',
  SessionbasedW: 'end',
  SessionbasedWD: 'end',
  Portblockrunout: 'heard',
  TCPseqmismatch: 'heard',
  Invalid: 'heard',
};

const WORDINGS: ReadonlyMap<string, Wording> = new Map(
  Object.keys(EVENTS).map(event => [event, wordingOf(`[${event} ${FIELDS}`, 'cgn-cisco')]),
);

const MESSAGE = /(?:^|\s)(?:NAT44|NAT64|DSLITE|DSLite) {1,4}- {0,4}(?=\[)/g;
const EVENT = /\[([A-Za-z]{1,30})[ \]]/y;

function recordAt(text: string, from: number): Record {
  EVENT.lastIndex = from;
  const event = EVENT.exec(text)?.[1] ?? '';
  const what = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
  if (!what) return 'the record is of no kind that this format knows';
  if (what === 'heard') return { what, fields: {} };
  const fields = WORDINGS.get(event)?.(text, from);
  return fields ? { what, fields } : 'the record has not the fields of its kind';
}

export const CISCO: Dialect = {
  name: 'cgn-cisco',
  boxZone: 0,
  find(text) {
    MESSAGE.lastIndex = 0;
    return MESSAGE.exec(text) ? MESSAGE.lastIndex : -1;
  },
  read(text, from) {
    const records: Record[] = [];
    for (let at = from; text[at] === '['; ) {
      const end = text.indexOf(']', at);
      if (end < 0) {
        records.push('the record is cut off');
        break;
      }
      records.push(recordAt(text, at));
      at = end + 1;
      while (text[at] === ' ') at++;
    }
    return records;
  },
};
