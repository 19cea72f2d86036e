/**
 * NAT events exported by IPFIX (RFC 7011, RFC 8158) or NetFlow v9, from a file of messages as a collector wrote them one after the
 * other. In: bytes. Out: events. Each observation domain is an exporter of its own with its own templates and sequence numbers;
 * what is missing, or cannot be read for want of a template, is told as lost. Option `natEvents` names the vocabulary.
 */
import { Fault } from '../../../../record/fault.ts';
import type { Instant } from '../../../../record/instant.ts';
import type { Format, LogEvent, Refused } from '../../event.ts';
import { BELOW, eventOf } from '../mapping.ts';
import { type NatOptions, natOptions, VOCABULARIES, type Vocabulary } from '../options.ts';
import type { SavedParser } from '../syslog.ts';
import { makeFraming } from './framing.ts';
import { mappingsOf } from './meaning.ts';
import { recordAt, stepOver } from './record.ts';
import { makeTemplates, type Template } from './template.ts';

const MODULUS = 2 ** 32;
/** Messages that overtake each other on the way are at most so many records (v9: messages) apart. */
const LATE = 10_000;
/** Stepped ranges are taken apart; a message may not blow up. */
const MOST_MAPPINGS = 16_384;
const MOST_DOMAINS = 10_000;

interface Domain {
  /** The number that the next message should bear; undefined when the last could not be counted. */
  next: number | undefined;
  at: Instant;
}

/** Overtaken on the way; one that counts back but is younger comes from an exporter that counts anew. */
function isLate({ next, at }: Domain, sequence: number, exported: Instant): boolean {
  if (next === undefined) return false;
  const behind = (next - sequence + MODULUS) % MODULUS;
  return behind > 0 && behind <= LATE && exported <= at;
}

interface Message {
  readonly version: 9 | 10;
  readonly domain: number;
  readonly exporter: string;
  readonly at: Instant;
  /** What was known of the domain before it. */
  readonly before: Instant | undefined;
  records: number;
  mappings: number;
  /** Whether a loss at its instant was told. */
  told: boolean;
  countable: boolean;
}

interface Saved {
  readonly templates: unknown;
  readonly domains: readonly (readonly [number, Domain])[];
}

function open(options: NatOptions, vocabulary: Vocabulary, saved?: Saved): SavedParser {
  const templates = makeTemplates(saved?.templates);
  const domains = new Map<number, Domain>(saved?.domains ?? []);
  let out: (LogEvent | Refused)[] = [];
  /** Records so far, by which a refusal names its place. */
  let records = 0;
  let message: Message | undefined;
  const refuse = (refused: string) => out.push({ refused, line: records });

  function begin(version: 9 | 10, domain: number, seconds: number, sequence: number): Message {
    const at = seconds * 1_000;
    const name = options.exporter ?? 'ipfix';
    const exporter = domain === 0 ? name : `${name}/${domain}`;
    const known = domains.get(domain);
    const begun: Message = {
      ...{ version, domain, exporter, at, before: known?.at },
      ...{ records: 0, mappings: 0, told: false, countable: true },
    };
    if (known?.next !== undefined && sequence !== known.next && !isLate(known, sequence, at)) lost(begun);
    return begun;
  }

  function lost({ exporter, at, before = at }: Message): void {
    out.push({ what: 'lost', at: Math.max(at, before), from: Math.min(at, before), errorMs: 0, exporter });
  }

  function finish(done: Message, sequence: number): void {
    const known = domains.get(done.domain);
    const step = done.version === 9 ? 1 : done.records;
    const next = done.countable ? (sequence + step) % MODULUS : undefined;
    if (!known) {
      if (domains.size < MOST_DOMAINS) domains.set(done.domain, { next, at: done.at });
    } else {
      // A late message does not turn the count back.
      if (sequence === known.next || !isLate(known, sequence, done.at)) known.next = next;
      known.at = Math.max(known.at, done.at);
    }
    out.push({ what: 'heard', at: done.at, errorMs: 0, exporter: done.exporter });
  }

  function unreadable(of: Message, why: string): void {
    of.countable = false;
    refuse(why);
    lost(of);
  }

  /** A record that cannot be read is as good as missing; one of a port that is no customer's is not. */
  function unread(why: string, of: Message): void {
    refuse(why);
    if (why !== BELOW && !of.told)
      out.push({ what: 'lost', from: of.at, at: of.at, errorMs: 0, exporter: of.exporter });
    if (why !== BELOW) of.told = true;
  }

  function dataSet(view: DataView, from: number, to: number, id: number, of: Message): void {
    const template = templates.get(of.domain, id);
    if (!template) {
      unreadable(of, 'records came before the template that describes them');
      return;
    }
    const isRead = !template.isOptions && template.unusable === undefined && speaks(template);
    let at = from;
    while (to - at >= template.least) {
      const end = isRead ? readRecord(view, at, to, template, of) : stepOver(view, at, to, template);
      if (end === undefined) {
        unreadable(of, 'a record is cut off');
        return;
      }
      records++;
      of.records++;
      at = end;
    }
  }

  function readRecord(view: DataView, at: number, to: number, template: Template, of: Message): number | undefined {
    const values = recordAt(view, at, to, template);
    if (!values) return undefined;
    const said = mappingsOf(values, of.at, vocabulary);
    if (typeof said !== 'string') of.mappings += said.length;
    if (typeof said === 'string') unread(said, of);
    else if (of.mappings > MOST_MAPPINGS) unread(`a message gives more than ${MOST_MAPPINGS} ranges of ports`, of);
    else
      for (const mapping of said) {
        const event = eventOf({ ...mapping, exporter: of.exporter, numbered: true }, options);
        if (typeof event === 'string') unread(event, of);
        else if (event) out.push(event);
      }
    return values.end;
  }

  function set(view: DataView, from: number, to: number, of: Message): void {
    const id = view.getUint16(from);
    const first = of.version === 10 ? 2 : 0;
    if (id === first || id === first + 1) {
      const isOptions = id === first + 1;
      const { domain, version } = of;
      for (const why of templates.takeSet(view, from + 4, to, { domain, isOptions, version })) refuse(why);
    } else if (id >= 256) dataSet(view, from + 4, to, id, of);
    else refuse('a set has a number that is reserved');
  }

  const framing = makeFraming({
    message(view) {
      message = undefined;
      const sequence = view.getUint32(8);
      const of = begin(10, view.getUint32(12), view.getUint32(4), sequence);
      for (let at = 16; at < view.byteLength; ) {
        const length = view.byteLength - at < 4 ? 0 : view.getUint16(at + 2);
        if (length < 4 || at + length > view.byteLength) {
          unreadable(of, 'a set is longer than its message');
          break;
        }
        set(view, at, at + length, of);
        at += length;
      }
      finish(of, sequence);
    },
    header9(view) {
      const sequence = view.getUint32(12);
      message = begin(9, view.getUint32(16), view.getUint32(8), sequence);
      finish(message, sequence);
    },
    set9(view) {
      if (message) set(view, 0, view.byteLength, message);
    },
    lost: refuse,
  });

  const drain = () => {
    const told = out;
    out = [];
    return told;
  };
  return {
    bytes(chunk) {
      framing.take(chunk);
      return drain();
    },
    end(final) {
      if (final && framing.waiting > 0) refuse('the last message is cut off');
      return drain();
    },
    save: (): Saved => ({ templates: templates.save(), domains: [...domains] }),
  };
}

/** Only records that could give somebody a port are taken apart. */
const speaks = ({ fields }: Template): boolean => fields.some(field => field.element === 'natEvent');

export const ipfixFormat: Format = {
  name: 'ipfix',
  folds: 'blocks',
  open(file, options): SavedParser {
    const read = natOptions(options, file);
    if (read.natEvents === undefined)
      throw new Fault(
        'input',
        'the log does not say which vocabulary its natEvent uses',
        `give option "natEvents" as one of ${VOCABULARIES.join(', ')}`,
        { where: file },
      );
    return open(read, read.natEvents, options.saved as Saved | undefined);
  },
};
