import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aimOf, linesIn } from './probe-input.ts';

const target = { address: '127.64.0.9', port: 2323 };

test('a line of the sweep is a target, with whatever else stands in it', () => {
  assert.deepEqual(aimOf(JSON.stringify({ ...target, at: 1, isp: 'x' })), target);
  assert.deepEqual(aimOf(JSON.stringify({ ...target, protocol: 'ssh' })), { ...target, protocol: 'ssh' });
});

test('what is no target is said in few words, which never quote it', () => {
  for (const [text, why] of [
    ['', /^is not JSON$/],
    ['{"address":"127.0.0.1","port":23', /^is not JSON$/],
    ['null', /^is no JSON object$/],
    ['[1]', /^is no JSON object$/],
    ['{}', /^address: is not an IPv4 address$/],
    ['{"address":"127.0.0.01","port":23}', /^address/],
    ['{"address":"::1","port":23}', /^address/],
    ['{"address":"device.invalid","port":23}', /^address/],
    ['{"address":"127.0.0.1"}', /^port: is not a whole number from 1 to 65535$/],
    ['{"address":"127.0.0.1","port":0}', /^port/],
    ['{"address":"127.0.0.1","port":"23"}', /^port/],
    ['{"address":"127.0.0.1","port":23,"protocol":"gopher"}', /^protocol: is not one of telnet, ssh, /],
    ['{"address":"127.0.0.1","port":23,"protocol":null}', /^protocol/],
  ] as const) {
    const said = aimOf(text);
    assert.equal(typeof said, 'string', text);
    assert.match(said as string, why);
    assert.ok(!/device|gopher|127\./.test(said as string));
  }
});

test('any text is answered', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => aimOf(text) !== undefined));
  fc.assert(fc.property(fc.json(), text => aimOf(text) !== undefined));
});

async function* pieces(data: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let from = 0, n = 0; from < data.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    yield data.subarray(from, from + size);
    from += size;
  }
}
async function linesOf(data: Buffer, sizes: readonly number[]): Promise<{ lines: (string | null)[]; taken: number }> {
  let taken = 0;
  const lines: (string | null)[] = [];
  for await (const line of linesIn(pieces(data, sizes), bytes => (taken += bytes))) lines.push(line);
  return { lines, taken };
}

test('lines are the same however the bytes come, and every byte is counted', async () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 40 }).map(text => text.replaceAll('\n', ' '));
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 20 }), sizes, fc.boolean(), async (texts, some, ended) => {
      const data = Buffer.from(texts.join('\n') + (ended && texts.length > 0 ? '\n' : ''));
      const expected = data.toString().split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(await linesOf(data, some), { lines: expected, taken: data.length });
    }),
    { numRuns: 100 },
  );
});

test('a line without end is never held, and the next one is read', async () => {
  const long = Buffer.concat([Buffer.alloc(3_000_000, 'x'), Buffer.from('\ngood\n'), Buffer.alloc(20_000, 'y')]);
  const { lines, taken } = await linesOf(long, [65_536]);
  assert.deepEqual(lines, [null, 'good', null]);
  assert.equal(taken, long.length);
});

test('of what a sweep prints, only open ports are targets; a class nobody knows is a mistake', () => {
  const line = (more: object) =>
    JSON.stringify({ address: '127.0.0.1', port: 23, at: 1, ttl: null, window: null, options: null, ...more });
  const aim = { address: '127.0.0.1', port: 23 };
  assert.deepEqual(aimOf(line({})), aim);
  assert.deepEqual(aimOf(line({ class: 'syn-ack' })), aim);
  assert.equal(aimOf(line({ class: 'rst' })), undefined);
  assert.equal(aimOf(line({ class: 'icmp', code: 769 })), undefined);
  assert.equal(aimOf(line({ class: 'open' })), 'class: is not one of syn-ack, rst, icmp');
  assert.match(String(aimOf(line({ address: '2001:db8::1', class: 'syn-ack' }))), /is not an IPv4 address/);
});
