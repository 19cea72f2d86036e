import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOutlet } from './probe-outlet.ts';

interface Kept {
  readonly said: string[];
  readonly journal: string[];
  release(taken: boolean): void;
}

function outletOver(): Kept & ReturnType<typeof openOutlet> {
  const said: string[] = [];
  const journal: string[] = [];
  let release = (_: boolean): void => {};
  const outlet = openOutlet(
    text =>
      new Promise(resolve => {
        said.push(text);
        release = resolve;
      }),
    { add: keys => void journal.push(...keys.map(key => key.toString())) },
  );
  return { ...outlet, said, journal, release: taken => release(taken) };
}
const turn = (): Promise<void> => new Promise(resolve => setImmediate(() => setImmediate(resolve)));

test('what comes together is one write; keys follow when it was taken; more waits for that', async () => {
  const out = outletOver();
  let done = 0;
  for (const n of [1, 2, 3]) void out.put(`${n}\n`, Buffer.from(`k${n}`)).then(() => done++);
  await turn();
  assert.deepEqual([out.said, out.journal, done], [['1\n2\n3\n'], [], 0]);
  void out.put('4\n', Buffer.from('k4')).then(() => done++);
  void out.put('', null).then(() => done++);
  await turn();
  assert.deepEqual([out.said.length, out.journal, done], [1, [], 0], 'nobody reads: nothing more is written');
  out.release(true);
  await turn();
  await turn();
  assert.deepEqual([out.said, out.journal, done], [['1\n2\n3\n', '4\n'], ['k1', 'k2', 'k3'], 3]);
  out.release(true);
  await turn();
  assert.deepEqual([out.journal, done], [['k1', 'k2', 'k3', 'k4'], 5]);
});

test('what nobody took is not in the journal', async () => {
  const out = outletOver();
  const put = out.put('1\n', Buffer.from('k1'));
  await turn();
  out.release(false);
  await put;
  assert.deepEqual(out.journal, []);
});

test('a journal that cannot be written stops whoever puts something in', async () => {
  const outlet = openOutlet(async () => true, {
    add: () => {
      throw new Error('no space');
    },
  });
  await assert.rejects(outlet.put('1\n', Buffer.from('k')), /no space/);
  await assert.rejects(outlet.put('2\n', Buffer.from('k')), /no space/);
});
