import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HttpProblem, type HttpResponse, httpReader } from './reader.ts';

type Found = HttpResponse | HttpProblem;

/** Everything there is in these pieces; stops at a problem, as a conversation does. */
function readAll(pieces: Iterable<string>, close = true): Found[] {
  const reader = httpReader();
  const found: Found[] = [];
  for (const piece of pieces) {
    for (let next = reader.read(piece); next !== undefined; next = reader.read('')) {
      found.push(next);
      if (typeof next === 'string') return found;
    }
  }
  const rest = close ? reader.end() : undefined;
  return rest ? [...found, rest] : found;
}
const brief = (found: readonly Found[]) => found.map(r => (typeof r === 'string' ? r : [r.status, r.body, r.stays]));
const flat = (found: readonly Found[]) =>
  found.map(r => (typeof r === 'string' ? r : { ...r, headers: [...r.headers] }));

const OK = 'HTTP/1.1 200 OK\r\n';
const CASES: readonly (readonly [name: string, wire: string, expected: unknown[]])[] = [
  ['content length', `${OK}Content-Length: 5\r\n\r\nhello`, [[200, 'hello', 'implied']]],
  [
    'an equal length twice',
    `${OK}Content-Length: 5\r\nCONTENT-LENGTH : 5, 5\r\n\r\nhello`,
    [[200, 'hello', 'implied']],
  ],
  [
    'two on one connection',
    `HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n${OK}Connection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx`,
    [
      [401, '', 'implied'],
      [200, 'x', 'said'],
    ],
  ],
  [
    'chunked with extension and trailer',
    `${OK}Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0002 \r\nde\r\n0\r\nT: 1\r\n\r\n`,
    [[200, 'abcde', 'implied']],
  ],
  [
    'chunked before any length',
    `${OK}Content-Length: 900\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    [[200, 'a', 'implied']],
  ],
  ['no coding at all', `${OK}Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na`, [[200, 'a', 'implied']]],
  ['to the close', 'HTTP/1.0 200 OK\r\nServer: x\r\n\r\nall of it', [[200, 'all of it', 'no']]],
  [
    'version 1.0 that stays',
    'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
    [[200, '', 'said']],
  ],
  ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', [[200, 'ok', 'implied']]],
  ['empty lines first', `\r\n\n${OK}Content-Length: 2\r\n\r\nok`, [[200, 'ok', 'implied']]],
  ['empty lines without end', '\r\n'.repeat(9), ['not-http']],
  [
    'interim responses',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 204 None\r\n\r\n',
    [[204, '', 'implied']],
  ],
  ['no body with 304, whatever it says', 'HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n', [[304, '', 'implied']]],
  ['another protocol from here', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', ['not-http']],
  ['lengths that differ', `${OK}Content-Length: 1\r\nContent-Length: 9\r\n\r\nabc`, [[200, 'abc', 'no']]],
  ['a negative length', `${OK}Content-Length: -5\r\n\r\nabc`, [[200, 'abc', 'no']]],
  ['a length beyond numbers', `${OK}Content-Length: ${'9'.repeat(400)}\r\n\r\nabc`, [[200, 'abc', 'no']]],
  ['connection close', `${OK}Connection: close\r\nContent-Length: 1\r\n\r\na`, [[200, 'a', 'no']]],
  ['cut short', `${OK}Content-Length: 9\r\n\r\nabc`, [[200, 'abc', 'no']]],
  ['cut in the head', `${OK}Content-Le`, []],
  [
    'packed, and left so',
    `${OK}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08`,
    [[200, '\x1f\x8b\x08', 'implied']],
  ],
  ['telnet', 'login: ', ['not-http']],
  ['another version', 'HTTP/2 200\r\n\r\n', ['not-http']],
  ['a status that is no number', 'HTTP/1.1 OK\r\n\r\n', ['not-http']],
  ['a chunk size that is none', `${OK}Transfer-Encoding: chunked\r\n\r\n-1\r\n`, ['not-http']],
  ['a chunk longer than it says', `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n`, ['not-http']],
  ['interim without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000), ['loop']],
];

test('responses of every framing', () => {
  for (const [name, wire, expected] of CASES) assert.deepEqual(brief(readAll([wire])), expected, name);
});

test('the same responses at every split', () => {
  for (const [name, wire, expected] of CASES) {
    const text = wire.slice(0, 2_000);
    for (let at = 1; at < text.length; at++)
      assert.deepEqual(brief(readAll([text.slice(0, at), text.slice(at)])), expected, `${name} at ${at}`);
    assert.deepEqual(brief(readAll(text)), expected, `${name} in single bytes`);
  }
});

test('fields: folded, repeated, sloppy, unknown', () => {
  const [r] = readAll([
    `${OK}Server:x\r\nWWW-Authenticate: Digest realm="a",\r\n\t nonce="b"\r\nno colon here\r\n folded onto nothing\r\n` +
      'www-authenticate : Basic\r\nX-Other: 1\r\nSET-COOKIE: a=1\r\nContent-Length: 0\r\n\r\n',
  ]);
  assert.ok(typeof r === 'object');
  assert.deepEqual(r.headers.get('www-authenticate'), ['Digest realm="a", nonce="b"', 'Basic']);
  assert.deepEqual([r.headers.get('server'), r.headers.get('set-cookie')], [['x'], ['a=1']]);
  assert.equal(r.headers.get('x-other'), undefined);
});

test('bytes that nobody asked for are noticed, an empty line is not', () => {
  for (const [extra, ahead] of [
    ['', false],
    ['\r\n', false],
    ['HTTP', true],
    ['\r\nH', true],
  ] as const) {
    const reader = httpReader();
    assert.ok(reader.read(`${OK}Content-Length: 1\r\n\r\nx${extra}`));
    assert.equal(reader.ahead, ahead, JSON.stringify(extra));
  }
});

test('heads, bodies, chunk lines and trailers are bounded', () => {
  const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
  const bounded = (wire: string) => assert.deepEqual(readAll([wire], false), ['too-big'], wire.slice(0, 60));
  bounded(`${OK}A: ${'x'.repeat(17 * 1024)}`);
  bounded(`${OK}${'A: b\r\n'.repeat(2_000_000)}`);
  bounded(`${OK}${' fold\r\n'.repeat(200)}`);
  bounded(`${chunked}${'0'.repeat(2_000)}`);
  bounded(`${chunked}0\r\n${'T: 1\r\n'.repeat(200)}`);
  for (const framing of ['Content-Length: 999999999', 'Connection: close', 'Transfer-Encoding: chunked']) {
    const chunk = framing.startsWith('T') ? `fffff\r\n${'y'.repeat(0xfffff)}` : 'y'.repeat(1_000_000);
    const [r] = readAll([`${OK}${framing}\r\n\r\n`, chunk], false);
    assert.ok(typeof r === 'object' && r.body.length === 64 * 1024 && r.stays === 'no', framing);
  }
});

/** Valid responses, some then damaged. */
const wires = fc
  .tuple(
    fc.array(fc.constantFrom(...CASES.map(([, wire]) => wire.slice(0, 400))), { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(1_000), fc.nat(255)), { maxLength: 4 }),
  )
  .map(([parts, edits]) => {
    const bytes = Buffer.from(parts.join(''), 'latin1');
    for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
    return bytes.toString('latin1');
  });
const noise = fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes).toString('latin1'));

test('no bytes crash it, and no split changes what they mean', () => {
  fc.assert(
    fc.property(
      fc.oneof({ weight: 4, arbitrary: wires }, noise),
      fc.array(fc.nat(400), { maxLength: 6 }),
      (wire, cuts) => {
        const whole = flat(readAll([wire]));
        const at = [0, ...cuts.map(cut => cut % (wire.length + 1)).sort((a, b) => a - b), wire.length];
        assert.deepEqual(flat(readAll(at.slice(1).map((end, i) => wire.slice(at[i], end)))), whole);
        assert.deepEqual(flat(readAll(wire)), whole);
        for (const r of whole) if (typeof r === 'object') assert.ok(r.body.length <= 64 * 1024);
      },
    ),
    { numRuns: 1_500 },
  );
});

test('a megabyte in single bytes costs by the byte, not by what came before', () => {
  const cost = (wire: string) => {
    const pieces = [...wire];
    const began = process.cpuUsage();
    const found = readAll(pieces);
    const { user, system } = process.cpuUsage(began);
    assert.ok(found.length > 0 && found.every(r => typeof r === 'object'));
    return user + system;
  };
  const of = (head: number, body: number) =>
    `${OK}Server: ${'s'.repeat(head)}\r\nContent-Length: ${body}\r\n\r\n${'b'.repeat(body)}`;
  const big = of(16_000, 50_000).repeat(16);
  const small = of(160, 500).repeat(1_600);
  cost(small.slice(0, 200_000));
  // A reader that looks again at what it has would need some 50 times as much for the big ones.
  const ratio = Math.min(...[1, 2, 3].map(() => cost(big) / Math.max(1, cost(small))));
  assert.ok(ratio < 12, `${ratio} times as much`);
});
