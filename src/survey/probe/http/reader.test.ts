import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HttpProblem, type HttpResponse, httpReader } from './reader.ts';

const readAll = (pieces: readonly string[], close = true) => {
  const reader = httpReader();
  const found: (HttpResponse | HttpProblem)[] = [];
  for (const piece of pieces) {
    for (let next = reader.read(piece); next !== undefined; next = reader.read('')) {
      found.push(next);
      if (typeof next === 'string') return found;
    }
  }
  const rest = close ? reader.end() : undefined;
  return rest ? [...found, rest] : found;
};
const brief = (found: readonly (HttpResponse | HttpProblem)[]) =>
  found.map(r => (typeof r === 'string' ? r : [r.status, r.body, r.keepAlive]));

const CASES: readonly (readonly [name: string, wire: string, expected: unknown[]])[] = [
  ['content length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', [[200, 'hello', true]]],
  [
    'two on one connection',
    'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
    [
      [401, '', true],
      [200, 'x', true],
    ],
  ],
  [
    'chunked with extension and trailer',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n',
    [[200, 'abcde', true]],
  ],
  ['to the close', 'HTTP/1.0 200 OK\r\nServer: x\r\n\r\nall of it', [[200, 'all of it', false]]],
  ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', [[200, 'ok', true]]],
  [
    'interim responses',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 204 None\r\n\r\n',
    [[204, '', true]],
  ],
  [
    'lengths that differ run to the close',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\nabc',
    [[200, 'abc', false]],
  ],
  ['connection close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na', [[200, 'a', false]]],
  ['cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', [[200, 'abc', false]]],
  ['telnet', 'login: ', ['not-http']],
  ['another version', 'HTTP/2 200\r\n\r\n', ['not-http']],
  ['a status that is no number', 'HTTP/1.1 OK\r\n\r\n', ['not-http']],
  ['interim without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20), ['loop']],
];

test('responses of every framing', () => {
  for (const [name, wire, expected] of CASES) assert.deepEqual(brief(readAll([wire])), expected, name);
});

test('the same responses at every split', () => {
  for (const [name, wire, expected] of CASES) {
    for (let at = 1; at < wire.length; at++)
      assert.deepEqual(brief(readAll([wire.slice(0, at), wire.slice(at)])), expected, `${name} at ${at}`);
    assert.deepEqual(brief(readAll([...wire])), expected, `${name} in single bytes`);
  }
});

test('heads and bodies are bounded', () => {
  const long = 'x'.repeat(17 * 1024);
  assert.deepEqual(readAll([`HTTP/1.1 200 OK\r\nA: ${long}`], false), ['too-big']);
  assert.deepEqual(readAll([`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(200)}\r\n`], false), ['too-big']);
  assert.deepEqual(readAll([`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'0'.repeat(2000)}`], false), [
    'too-big',
  ]);
  for (const framing of ['Content-Length: 999999999', 'Connection: close', 'Transfer-Encoding: chunked']) {
    const chunk = framing.startsWith('T') ? `fffff\r\n${'y'.repeat(0xfffff)}` : 'y'.repeat(1_000_000);
    const [r] = readAll([`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`, chunk], false);
    assert.ok(typeof r === 'object' && r.body.length === 64 * 1024 && !r.keepAlive, framing);
  }
});

test('random bytes never crash it and never grow a body beyond its cap', () => {
  const token = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      'HTTP/1.1 200 OK\r\n',
      '\r\n',
      '\r\n\r\n',
      'Content-Length: 7\r\n',
      'Transfer-Encoding: chunked\r\n',
      '0\r\n',
      'ffffffff\r\n',
      '5\r\nabcde\r\n',
    ),
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 30 }), pieces => {
      for (const found of readAll(pieces)) if (typeof found !== 'string') assert.ok(found.body.length <= 64 * 1024);
    }),
    { numRuns: 1_000 },
  );
});
