/**
 * Destinations are nobody's business here. Each format is fed with records full of canaries where a destination stands, through
 * the parser, the folder and a real import; they must be in no returned value, no saved state and no file.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';
import { parseIpv4 } from '../../../record/address.ts';
import { isRefused, type LogEvent, type Parser, type Refused } from '../event.ts';
import { FOLDERS } from '../folders.ts';
import { FORMATS } from '../formats.ts';
import { importAssignments } from '../import.ts';
import { be, joined, message, set, template, u32, u64 } from './ipfix/messages.ts';

const root = mkdtempSync(join(tmpdir(), 'notice-canary-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** An address, a port and names that occur nowhere else. */
const ADDRESS = '198.51.217.199';
const PORT = 47_813;
const NAME = 'canary-example';
const ADDRESS_6 = 0x20010db8_ca4a_4177_ca4a_4177_ca4a_4177n;
const TEXTS = [ADDRESS, `${PORT}`, NAME, 'ca4a:4177', '2001:db8:ca4a', `${parseIpv4(ADDRESS)}`];
const number = (n: number | bigint, length: number) => [
  Buffer.from(be(n, length)),
  Buffer.from(be(n, length).reverse()),
];
const BYTES = [
  ...TEXTS.map(text => Buffer.from(text)),
  ...TEXTS.map(text => Buffer.from(text, 'utf16le')),
  ...number(parseIpv4(ADDRESS) as number, 4),
  ...number(ADDRESS_6, 16),
];

const HEAD = '<134> 1 2026 Nov 22 09:30:45 192.0.2.3 - - NAT44 - ';
const JUNIPER = '<14>1 2026-11-22T18:30:45.123+09:00 cgn3 RT_FLOW - ';
const A10 = '2026-11-22T18:30:45.87+09:00 192.0.2.57 box/part ';
const cef = (id: number, more = '') =>
  `${A10}CEF:0|A10|CFW|6|CGN ${id}|Nat Session|5|proto=TCP src=10.0.0.9 spt=3000 dst=${ADDRESS} dpt=${PORT} dhost=${NAME} request=http://${NAME}/x sourceTranslatedAddress=203.0.113.5 sourceTranslatedPort=2000 destinationTranslatedAddress=${ADDRESS} destinationTranslatedPort=${PORT}${more}`;
const flow = (name: string) =>
  `${JUNIPER}${name} [junos@2636.1 source-address="10.0.0.9" destination-address="${ADDRESS}" destination-port="${PORT}" url="http://${NAME}/" nat-source-address="203.0.113.5" nat-source-port="2000" nat-destination-address="${ADDRESS}" nat-destination-port="${PORT}" protocol-id="6" session-id="9"]`;
const json = (more: object) =>
  JSON.stringify({
    ...{ ip_src: '10.0.0.9', ip_dst: ADDRESS, port_dst: PORT, post_nat_ip_dst: ADDRESS, post_nat_port_dst: PORT },
    ...{ host: NAME, nested: { [NAME]: [ADDRESS, PORT] }, post_nat_ip_src: '203.0.113.5', post_nat_port_src: 2_000 },
    ...{ ip_proto: 'tcp', timestamp_start: '2026-11-22T09:30:45Z', nat_event: 4 },
    ...more,
  });
const FIELDS = [
  [323, 8],
  [230, 1],
  [4, 1],
  [8, 4],
  [12, 4],
  [28, 16],
  [11, 2],
  [225, 4],
  [227, 2],
  [226, 4],
  [228, 2],
  [282, 16],
  [460, 65_535],
].map(([number, length]) => ({ number: number as number, length: length as number }));
const outside = u32(parseIpv4('203.0.113.5') as number);
const canary4 = u32(parseIpv4(ADDRESS) as number);
const exported = (event: number, port: number) => [
  ...[...u64(Date.parse('2026-11-22T09:30:45Z')), event, 6, ...u32(parseIpv4('10.0.0.9') as number), ...canary4],
  ...[
    ...be(ADDRESS_6, 16),
    ...be(PORT, 2),
    ...outside,
    ...be(port, 2),
    ...canary4,
    ...be(PORT, 2),
    ...be(ADDRESS_6, 16),
  ],
  ...[NAME.length, ...Buffer.from(NAME)],
];
const T = Date.parse('2026-11-22T09:30:46Z') / 1000;

/** Good records, then such as are refused: a reason must not quote them either. */
const LOGS: Readonly<Record<string, { options?: Record<string, unknown>; log: string | Uint8Array }>> = {
  'cgn-cisco': {
    log: [
      `${HEAD}[SessionbasedAD 6 10.0.0.9 blue - 203.0.113.5 3000 2000 - ${ADDRESS} ${PORT} ]`,
      `${HEAD}[SessionbasedAD 6 10.0.0.10 blue - 203.0.113.5 3000 2001 - ${ADDRESS} ${PORT} ][SessionbasedWD 6 10.0.0.10 blue - 203.0.113.5 3000 2001 - ${ADDRESS} ${PORT} ]`,
      `${HEAD}[SessionbasedAD 6 10.0.0.999 blue - 203.0.113.5 3000 2000 - ${ADDRESS} ${PORT} ]`,
      `${HEAD}[Somethingelse ${ADDRESS} ${NAME} ${PORT} ]`,
    ].join('\n'),
  },
  'cgn-juniper': {
    options: { zone: '+09:00', year: 2026 },
    log: [
      flow('RT_FLOW_SESSION_CREATE'),
      flow('RT_FLOW_SESSION_CLOSE'),
      flow('RT_FLOW_SESSION_CREATE').replace('"2000"', '"x"'),
      flow('RT_FLOW_SESSION_UNKNOWN'),
      `Nov 22 18:30:45 srx RT_FLOW: RT_FLOW_SESSION_CREATE: session created 10.0.0.10/3000->${ADDRESS}/${PORT} 0x0 None 203.0.113.5/2600->${ADDRESS}/${PORT} 0x0`,
      `Nov 22 18:30:45 srx RT_FLOW: RT_FLOW_SESSION_CREATE: session made ${ADDRESS}/${PORT} ${NAME}`,
      `Nov 22 18:30:45 srx JSERVICES_NAT_RULE_MATCH: proto 17 (UDP) application: any, xe-2/0/0:10.20.0.5:28760 -> ${ADDRESS}:${PORT}, ${NAME}`,
    ].join('\n'),
  },
  'cgn-a10': {
    log: [
      cef(102),
      cef(103),
      cef(106),
      cef(999),
      `${A10}NAT-TCP-C: 10.0.0.9:3000<->${ADDRESS}:${PORT},203.0.113.5:2600<-->${ADDRESS}:${PORT}`,
      `${A10}NAT-TCP-D: 10.0.0.9:3000<-->203.0.113.5:2600 to ${ADDRESS}:${PORT}`,
      `${A10}NAT-TCP-C: ${ADDRESS}:${PORT} ${NAME}`,
    ].join('\n'),
  },
  nfacct: {
    options: { natEvents: 'rfc8158' },
    log: [json({}), json({ nat_event: 5 }), json({ ip_src: 'x' }), json({ nat_event: 77 }), `${json({})}${NAME}`].join(
      '\n',
    ),
  },
  ipfix: {
    options: { natEvents: 'rfc8158' },
    log: joined([
      message(T, 0, 0, [set(2, template(256, FIELDS)), set(256, [...exported(4, 2_000), ...exported(4, 80)])]),
      message(T, 2, 0, [set(256, [...exported(5, 2_000), ...exported(99, 2_000)])]),
      message(T, 9, 0, [set(300, exported(4, 2_000))]),
      message(T, 9, 0, [set(256, exported(4, 2_000).slice(0, 60))]).slice(0, 50),
    ]),
  },
};

const clean = (value: unknown, where: string) => {
  const text = JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? v.toString(16) : v));
  for (const canary of TEXTS) assert.ok(!text.includes(canary), `${where} holds ${canary}`);
};

for (const [name, { options = {}, log }] of Object.entries(LOGS))
  test(`${name}: no destination in events, reasons, holds, states or files`, async () => {
    const format = FORMATS[name];
    assert.ok(format);
    const parser: Parser & { save?(): unknown } = format.open('log', options);
    const all: (LogEvent | Refused)[] =
      typeof log === 'string'
        ? log.split('\n').flatMap((line, i): (LogEvent | Refused)[] => {
            const got = parser.line?.(line, i + 1) ?? [];
            return 'refused' in got ? [got] : [...got];
          })
        : [...log].flatMap(byte => [...(parser.bytes?.(Uint8Array.of(byte)) ?? [])]);
    all.push(...parser.end(true));
    const events = all.filter((one): one is LogEvent => !isRefused(one));
    assert.ok(events.some(e => e.what === 'begin') && all.length > events.length, 'good records and bad ones');
    clean(all, 'what the parser gives');
    clean(parser.save?.() ?? null, 'the state of the parser');
    const folder = FOLDERS[format.folds]?.();
    assert.ok(folder);
    for (const event of events) folder.take(event);
    clean([folder.closed(), folder.open(), folder.save()], 'what the folder gives');

    const dir = join(root, name, 'index');
    const file = join(root, `${name}.log`);
    writeFileSync(file, typeof log === 'string' ? `${log}\n` : log);
    const report = await importAssignments({ format: name, options, files: [file], dir, silenceMs: 86_400_000 });
    assert.ok(report.used > 0 && report.rejectedCount > 0);
    clean(report, 'the report');
    const files = readdirSync(join(root, name), { recursive: true, withFileTypes: true }).filter(f => f.isFile());
    assert.ok(files.length > 1);
    for (const { parentPath, name: one } of files) {
      const bytes = readFileSync(join(parentPath, one));
      for (const content of [bytes, ...unpacked(bytes)])
        for (const canary of BYTES) assert.equal(content.indexOf(canary), -1, `${one} holds ${canary.toString('hex')}`);
    }
  });

function unpacked(bytes: Buffer): Buffer[] {
  return [gunzipSync, inflateSync].flatMap(unpack => {
    try {
      return [unpack(bytes)];
    } catch {
      return [];
    }
  });
}

test('the canaries are found where they are', () => {
  assert.throws(() => clean({ a: [`x${ADDRESS}`] }, 'this'), /holds/);
  assert.ok(BYTES.some(canary => Buffer.from(LOGS['cgn-a10']?.log as string).includes(canary)));
  assert.ok(BYTES.some(canary => Buffer.from(LOGS.ipfix?.log as Uint8Array).includes(canary)));
});
