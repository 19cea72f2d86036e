/**
 * Carrier NAT of Juniper boxes. Services cards word a block `JSERVICES_NAT_PORT_BLOCK_ALLOC: in -> out:first-last 0xtime` (older:
 * ASP_NAT_…), Next Gen Services and SRX `RT_SRC_NAT_PBA_ALLOC`, as a sentence or as structured data (RFC 5424 §6.3); an interim
 * record (ACTIVE, INTERIM) says that a block is still held and since when. Sessions are RT_FLOW_SESSION_CREATE and _CLOSE.
 * Sources: Junos OS System Log Messages, "secured-port-block-allocation", "block-allocation"; vendor samples of both forms.
 */
import type { Dialect, Record, Said } from './dialect.ts';
import { type Field, type Fields, parameter, type Wording, wordingOf } from './wording.ts';

interface Row {
  readonly what: Said['what'];
  /** Tried in order; the longest first. */
  readonly wordings: readonly Wording[];
  readonly structured?: Readonly<Partial<{ [field in Field]: string }>>;
}

const BLOCK = ['{inside} -> {outside}:{first}-{last} {epoch}', '{inside} -> {outside}:{first}-{last}'];
const sentence = (verb: string) =>
  [' lsys_id: {number} epoch {epoch}', ''].map(
    tail =>
      `Subscriber {inside} used/maximum [{number}/{number}] blocks,${verb} port block [{first}-{last}] from {outside} in source pool {skip}${tail}`,
  );
/** With and without the word after the addresses that newer releases add. */
const flow = (verb: string) =>
  [
    '{inside}/{number}->{skip} {skip} {service} {outside}/{first}->',
    '{inside}/{number}->{skip} {service} {outside}/{first}->',
  ].map(rest => `${verb} ${rest}`);

const PBA: Row['structured'] = {
  inside: 'internal-ip',
  outside: 'reflexive-ip',
  first: 'block-port-low',
  last: 'block-port-high',
  epoch: 'epoch-time-64',
};
const SESSION: Row['structured'] = {
  inside: 'source-address',
  outside: 'nat-source-address',
  first: 'nat-source-port',
  protocol: 'protocol-id',
  tie: 'session-id',
};

const row = (name: string, what: Said['what'], templates: readonly string[], structured?: Row['structured']) =>
  [
    name,
    {
      what,
      wordings: templates.map(text => wordingOf(`${name}: ${text}`, 'cgn-juniper')),
      ...(structured ? { structured } : {}),
    },
  ] as const;

const ROWS: ReadonlyMap<string, Row> = new Map<string, Row>([
  ...['JSERVICES', 'ASP'].flatMap(family => [
    row(`${family}_NAT_PORT_BLOCK_ALLOC`, 'begin', BLOCK),
    row(`${family}_NAT_PORT_BLOCK_ACTIVE`, 'alive', BLOCK),
    row(`${family}_NAT_PORT_BLOCK_RELEASE`, 'end', BLOCK),
  ]),
  row('RT_SRC_NAT_PBA_ALLOC', 'begin', sentence(' allocates'), PBA),
  row('RT_SRC_NAT_PBA_INTERIM', 'alive', [...sentence(' allocates'), ...sentence('')], PBA),
  row('RT_SRC_NAT_PBA_RELEASE', 'end', sentence(' releases'), PBA),
  row('RT_FLOW_SESSION_CREATE', 'begin', flow('session created'), SESSION),
  row('RT_FLOW_SESSION_CLOSE', 'end', flow('session closed {words}:'), { ...SESSION, elapsed: 'elapsed-time' }),
  row('RT_FLOW_SESSION_UPDATE', 'alive', [], { ...SESSION, elapsed: 'elapsed-time' }),
  row('RT_FLOW_SESSION_DENY', 'heard', []),
]);

const NAME = /(?:JSERVICES|ASP)_NAT_PORT_BLOCK_[A-Z_]{1,30}|RT_SRC_NAT_PBA_[A-Z_]{1,30}|RT_FLOW_SESSION_[A-Z_]{1,30}/g;

function structuredFields(text: string, names: NonNullable<Row['structured']>, from: number): Fields {
  const fields: Partial<{ [field in Field]: string }> = {};
  for (const [field, name] of Object.entries(names)) {
    const value = parameter(text, name, from);
    if (value !== undefined) fields[field as Field] = value;
  }
  return fields;
}

function recordAt(text: string, from: number): Record {
  NAME.lastIndex = from;
  const name = NAME.exec(text)?.[0] ?? '';
  const known = ROWS.get(name);
  if (!known) return 'the message is of no kind that this format knows';
  const { what, structured, wordings } = known;
  if (what === 'heard') return { what, fields: {} };
  const isStructured = structured && text.startsWith(' [', from + name.length);
  const fields = isStructured
    ? structuredFields(text, structured, from)
    : wordings.reduce<Fields | undefined>((found, wording) => found ?? wording(text, from), undefined);
  if (!fields) return 'the message is not worded as one of its kind';
  // Sessions that are not translated say nothing of a shared address, and echo requests have no ports.
  const idle = (fields.inside !== undefined && fields.inside === fields.outside) || fields.service?.includes('icmp');
  return idle ? { what: 'heard', fields: {} } : { what, fields };
}

export const JUNIPER: Dialect = {
  name: 'cgn-juniper',
  find(text) {
    NAME.lastIndex = 0;
    return NAME.exec(text)?.index ?? -1;
  },
  read: (text, from) => [recordAt(text, from)],
};
