import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labBody } from '../../test/mandate/lab-paper.ts';
import { paceOf } from './pace.ts';

test('over any requests a /24 has at most two conversations and begins one a second, also after a restart', () => {
  const step = fc.record({
    ms: fc.constantFrom(0, 1, 150, 400, 1_000, 2_500),
    host: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.200', '198.51.100.9'),
    leaves: fc.boolean(),
    restarts: fc.integer({ min: 0, max: 9 }).map(n => n === 0),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), steps => {
      let now = 5_000;
      const monotonic = () => now;
      let pace = paceOf(labBody(), monotonic);
      let open: string[] = [];
      const begun = new Map<string, number>();
      for (const { ms, host, leaves, restarts } of steps) {
        now += ms;
        if (restarts) {
          pace = paceOf(labBody(), monotonic);
          open = [];
        }
        const left = leaves ? open.shift() : undefined;
        if (left) pace.leave(left);
        const net = host.slice(0, host.lastIndexOf('.'));
        const wait = pace.enter(host);
        if (wait > 0) continue;
        open.push(host);
        assert.ok(open.filter(other => other.startsWith(`${net}.`)).length <= 2, 'two at a time');
        assert.ok(now - (begun.get(net) ?? Number.NEGATIVE_INFINITY) >= 1_000, 'one a second');
        begun.set(net, now);
      }
    }),
    { numRuns: 300 },
  );
});

test('it says when to ask again, and asking then is answered', () => {
  let now = 0;
  const pace = paceOf(labBody(), () => now);
  now += pace.enter('192.0.2.1');
  assert.equal(pace.enter('192.0.2.1'), 0);
  assert.equal(pace.enter('192.0.2.9'), 1_000);
  assert.equal(now, 1_000);
  now += 1_000;
  assert.equal(pace.enter('192.0.2.9'), 0);
  now += 5_000;
  assert.ok(pace.enter('192.0.2.5') > 0, 'two are in flight');
  pace.leave('192.0.2.1');
  assert.equal(pace.enter('192.0.2.5'), 0);
});

test('a laboratory has the pace its mandate says, however fast', () => {
  const { limits, ...body } = labBody([{ isp: 'isp-a', prefixes: ['127.64.0.0/16'] }]);
  let now = 0;
  const pace = paceOf({ ...body, limits: { ...limits, per24: { perSecond: 1_000, burst: 10 } } }, () => now);
  now = 100;
  for (let n = 0; n < 10; n++) assert.equal(pace.enter('127.64.0.1'), 0);
  assert.equal(pace.enter('127.64.0.1'), 1);
});
