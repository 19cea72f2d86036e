import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { contactsByHook } from './hook.ts';

let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void = () => {};
let open = 0;
let most = 0;
const server = createServer(async (request, response) => {
  most = Math.max(most, ++open);
  let body = '';
  for await (const part of request) body += part;
  response.on('close', () => open--);
  answer(request, response, body);
});
await new Promise<void>(up => server.listen(0, '127.0.0.1', up));
after(() => {
  server.closeAllConnections();
  server.close();
});
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const ANSWER = { name: '青木 葵', email: 'a@minato.example', postcode: '0000001', address1: '訓練県1-1', debt: 12 };
const get = (over: { timeoutMs?: number; bearer?: () => string } = {}) =>
  contactsByHook({ url: `${base}/lines/{line}`, method: 'GET', fetch, ...over });

test('GET with the line in its place and the token of now; more than a contact is dropped', async () => {
  const asked: [string | undefined, string | undefined][] = [];
  answer = (request, response) => {
    asked.push([request.url, request.headers.authorization]);
    response.end(JSON.stringify(ANSWER));
  };
  let token = 'one\n';
  const source = get({ bearer: () => token });
  const found = await source.lookUp('A/1 ?');
  token = 'two';
  await source.lookUp('B');
  assert.deepEqual(found, {
    subscriber: 'A/1 ?',
    name: '青木 葵',
    email: 'a@minato.example',
    postcode: '000-0001',
    address: ['訓練県1-1'],
    language: 'ja',
  });
  assert.deepEqual(asked, [
    ['/lines/A%2F1%20%3F', 'Bearer one'],
    ['/lines/B', 'Bearer two'],
  ]);
});

test('POST sends the line and nothing else', async () => {
  let said = '';
  answer = (_, response, body) => {
    said = body;
    response.end(JSON.stringify(ANSWER));
  };
  const found = await contactsByHook({ url: `${base}/ask`, method: 'POST', fetch }).lookUp('A-1');
  assert.ok(typeof found === 'object' && 'name' in found);
  assert.equal(said, '{"line":"A-1"}');
});

test('404 is nobody; everything else that is no contact is refused without its words', async () => {
  const secret = 'Tanaka Taro, 3-12-5';
  const cases: [(response: ServerResponse) => void, RegExp, boolean][] = [
    [r => r.writeHead(500).end(secret), /^answered with 500$/, true],
    [r => r.writeHead(302, { location: '/elsewhere' }).end(), /^no answer$/, true],
    [r => r.end(secret), /^the answer is not JSON$/, false],
    [r => r.end(JSON.stringify({ email: secret })), /^the answer has no usable name$/, false],
    [r => r.end(JSON.stringify({ ...ANSWER, name: 'a\nb' })), /^a control character is in it$/, false],
    [r => r.end(JSON.stringify({ ...ANSWER, email: `${secret}@x` })), /^the e-mail address is malformed$/, false],
    [r => r.end(JSON.stringify({ ...ANSWER, name: secret.repeat(2_000) })), /larger than 16384 bytes/, false],
    [r => r.destroy(), /^no answer$/, true],
  ];
  for (const [say, why, later] of cases) {
    answer = (_, response) => say(response);
    const found = await get().lookUp('A');
    assert.ok(typeof found === 'object' && 'refused' in found);
    assert.match(found.refused, why);
    assert.deepEqual([found.later, found.where], [later, base]);
    assert.ok(!JSON.stringify(found).includes('Tanaka'));
  }
  answer = (_, response) => response.writeHead(404).end('no such line');
  assert.equal(await get().lookUp('A'), 'unknown');
});

test('silence ends at the time-out, and no more than four are asked at once', async () => {
  answer = () => {};
  const silent = await get({ timeoutMs: 50 }).lookUp('A');
  assert.deepEqual(silent, { refused: 'no answer within 50 ms', where: base, later: true });
  server.closeAllConnections();
  most = 0;
  answer = (_, response) => setTimeout(() => response.end(JSON.stringify(ANSWER)), 5);
  const source = get();
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => source.lookUp(`L${n}`)));
  assert.equal(all.filter(found => typeof found === 'object' && 'name' in found).length, 20);
  assert.ok(most <= 4 && most > 0, `${most} at once`);
});

test('an address that would send a line in clear over a network, or nowhere, is refused at the start', () => {
  const make = (url: string, method: 'GET' | 'POST' = 'GET') => contactsByHook({ url, method, fetch });
  assert.throws(() => make('http://crm.example/{line}'), /must be https/);
  assert.throws(() => make('ftp://127.0.0.1/{line}'), /must be https/);
  assert.throws(() => make('https://crm.example/'), /GET needs \{line\}/);
  assert.throws(() => make('https://crm.example/{line}', 'POST'), /POST must not/);
  assert.throws(() => make('crm'), /no address/);
  assert.ok(make('https://crm.example/{line}'));
});
