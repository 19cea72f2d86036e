/**
 * The head of an HTTP/1.x response (RFC 9112 §4, §5), line by line: status and the few fields this survey reads. In: lines
 * without their ends. Out: the fields, how the body ends, and whether the connection stays.
 */
export interface Head {
  readonly status: number;
  readonly http11: boolean;
  /** Names in lower case, only those read here; values of a repeated field in order. */
  readonly fields: Map<string, string[]>;
}

/** Whether another request may follow here: the peer said so, its version implies it, or it may not. */
export type Stays = 'said' | 'implied' | 'no';

const READ = [
  'Connection',
  'Content-Encoding',
  'Content-Length',
  'Content-Type',
  'Location',
  'Retry-After',
  'Server',
  'Set-Cookie',
  'Transfer-Encoding',
  'WWW-Authenticate',
];
/** In the usual spelling and in lower case, so that a field costs one look-up. */
const NAMES: ReadonlyMap<string, string> = new Map(
  READ.flatMap(name => [
    [name, name.toLowerCase()],
    [name.toLowerCase(), name.toLowerCase()],
  ]),
);
const LONGEST = 24;

const STATUS = /^HTTP\/1\.([01])[ \t]{1,4}(\d{3})(?:[ \t]|$)/;
const LENGTH = /^\d{1,12}$/;

/** Undefined when the line is no status line of HTTP/1.0 or 1.1. */
export function headOf(line: string): Head | undefined {
  const status = STATUS.exec(line);
  return status ? { status: Number(status[2]), http11: status[1] === '1', fields: new Map() } : undefined;
}

/**
 * Adds a field line. A line that begins with a blank continues the value before it (obs-fold, §5.2): `last` is the list
 * that value is in, as the call before returned it. A line without a colon is no field and is read over.
 */
export function addField({ fields }: Head, line: string, last: string[] | undefined): string[] | undefined {
  const first = line.charCodeAt(0);
  if (first === 32 || first === 9) {
    if (last) last.push(`${last.pop()} ${line.trim()}`.trim());
    return last;
  }
  const colon = line.indexOf(':');
  if (colon <= 0 || colon > LONGEST) return undefined;
  const spelled = line.slice(0, colon);
  const name = NAMES.get(spelled) ?? NAMES.get(spelled.trim().toLowerCase());
  if (name === undefined) return undefined;
  const value = line.slice(colon + 1).trim();
  const values = fields.get(name);
  if (!values) {
    const begun = [value];
    fields.set(name, begun);
    return begun;
  }
  values.push(value);
  return values;
}

/** How the body ends (§6.3): after so many bytes, with a last chunk, or with the connection. */
export function framingOf({ status, fields }: Head): number | 'chunked' | 'close' {
  if (status === 204 || status === 304) return 0;
  const coding = fields.get('transfer-encoding')?.join(',').toLowerCase();
  if (coding !== undefined && coding !== 'identity') return coding.includes('chunked') ? 'chunked' : 'close';
  const lengths = fields.get('content-length');
  if (!lengths) return 'close';
  // Repeated and equal is one length; different, negative or endless is none.
  const [length = '', ...others] = lengths.flatMap(value => value.split(',')).map(value => value.trim());
  return LENGTH.test(length) && others.every(other => other === length) ? Number(length) : 'close';
}

export function staysOf({ http11, fields }: Head): Stays {
  const connection = fields.get('connection')?.join(',').toLowerCase();
  if (connection?.includes('close')) return 'no';
  if (connection?.includes('keep-alive')) return 'said';
  return http11 ? 'implied' : 'no';
}
