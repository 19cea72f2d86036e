import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { sha256 } from '../../record/digest.ts';
import { Fault } from '../../record/fault.ts';
import { loadCatalogue } from './catalogue.ts';
import { makeDecoy } from './decoy.ts';
import { orderPairs } from './order.ts';
import { rulesBroken } from './rules.ts';
import { Secret } from './secret.ts';

const pair = (user: string, password: string, more: object = {}) => ({
  user,
  password,
  vendors: [] as string[],
  protocols: ['telnet'],
  weight: 1,
  ...more,
});
const text = (pairs: readonly object[], more: object = {}) =>
  JSON.stringify({ format: 'notice-catalogue/1', version: 'v1', pairs, ...more });
const load = (content: string, hash = sha256(content)) => loadCatalogue(content, hash, 'catalogue.json');
const refused = (content: string, match: RegExp, hash?: string) =>
  assert.throws(
    () => load(content, hash ?? sha256(content)),
    (error: unknown) => {
      assert.ok(error instanceof Fault && error.code === 'catalogue');
      assert.match(error.message, match);
      assert.match(error.message, /^catalogue\.json: .+; .+/, 'names the file and a remedy');
      assert.ok(!error.message.includes('S3cret'), 'no password in a message');
      return true;
    },
  );

test('the shipped catalogue is a dozen pairs that each break a rule', () => {
  const content = readFileSync(fileURLToPath(new URL('./rehearsal-catalogue.json', import.meta.url)), 'utf8');
  const { pairs, version } = load(content);
  assert.equal(version, 'rehearsal-1');
  assert.deepEqual(
    pairs.map(p => `${p.user}/${p.password.reveal()}`),
    'admin/admin admin/password admin/1234 admin/12345 admin/123456 root/root root/admin root/123456 root/12345 user/user guest/guest admin/'.split(
      ' ',
    ),
  );
  assert.deepEqual(
    pairs.map(p => p.ordinal),
    [...pairs.keys()],
  );
  assert.ok(pairs.every(p => p.ruleCodes.length > 0));
});

test('what the mandate did not sign for, or may not be tried, is refused', () => {
  refused(text([pair('a', 'b')]), /mandate names/, '0'.repeat(64));
  refused('{', /not JSON/);
  refused(text([pair('a', 'b')], { format: 'other' }), /format/);
  refused(text([]), /pairs/);
  refused(text([pair('a', 'b'), pair('admin', 'S3cret-and-long')]), /pair 1 breaks no rule/);
  refused(text([pair('a', 'S3cret\r\nls')]), /pairs\.0\.password/);
  refused(text([pair('a', 'b', { weight: -1 })]), /pairs\.0\.weight/);
  refused(text([pair('a', 'b', { extra: 1 })]), /pairs\.0/);
  refused(text([pair('a', 'b'), pair('a', 'b')]), /pair 1 stands there twice/);
  refused(text(Array.from({ length: 1001 }, (_, i) => pair(`u${i}`, 'x'))), /1001 pairs/);
  assert.equal(load(text(Array.from({ length: 1000 }, (_, i) => pair(`u${i}`, 'x')))).pairs.length, 1000);
});

test('the rules of the ordinance', () => {
  assert.deepEqual(rulesBroken('admin', 'admin', []), ['LT8', 'KNOWN_ATTACKED', 'EQ_USER']);
  assert.deepEqual(rulesBroken('admin', 'password', []), ['KNOWN_ATTACKED']);
  assert.deepEqual(rulesBroken('root', '12345678', []), ['SEQUENTIAL', 'KNOWN_ATTACKED']);
  assert.deepEqual(rulesBroken('root', 'hgfedcba', []), ['SEQUENTIAL']);
  assert.deepEqual(rulesBroken('root', 'zzzzzzzz', []), ['SAME_CHAR']);
  assert.deepEqual(rulesBroken('admin', '', []), ['LT8']);
  assert.deepEqual(rulesBroken('hinoki99', 'HINOKI99', ['Hinoki']), ['VENDOR_DEFAULT', 'EQ_USER']);
  assert.deepEqual(rulesBroken('admin', 'Sazanami', ['Sazanami']), ['VENDOR_DEFAULT', 'EQ_USER']);
  assert.deepEqual(rulesBroken('admin', 'abcdefgz', []), []);
  assert.deepEqual(rulesBroken('admin', 'aabbccdd', []), []);
});

test('a secret prints as nothing, wherever it gets', () => {
  const secret = new Secret('S3cret');
  const error = new Error(`cannot send ${secret}`, { cause: secret });
  const loaded = load(text([pair('admin', 'S3cret')])).pairs[0];
  for (const shown of [
    `${secret}`,
    `${secret}!`,
    String(secret),
    JSON.stringify({ secret }),
    JSON.stringify(loaded),
    JSON.stringify(Object.entries(secret)),
    inspect({ deep: [secret] }, { depth: 9, showHidden: true }),
    inspect(loaded, { showHidden: true, getters: true }),
    inspect(structuredClone(secret)),
    JSON.stringify(structuredClone({ secret })),
    inspect(new Proxy(secret, {}), { showProxy: true }),
    inspect(error),
    `${error.stack}${error.message}${inspect(error.cause)}`,
    format('%s %o %O %j', secret, secret, secret, secret),
    serialize({ secret }).toString('latin1'),
  ])
    assert.ok(!shown.includes('S3cret'), shown);
  assert.equal(secret.reveal(), 'S3cret');
});

const seed = (n: number) => Uint8Array.of(n, n >> 8, 7, 9);
const catalogue = load(
  text([
    ...['1', '2', '3', '4', '5', '6'].map(n => pair('admin', n, { weight: 5 })),
    ...['1', '2'].map(n => pair('root', n, { weight: 5 })),
    pair('user', 'x', { weight: 1, vendors: ['Hinoki'] }),
    pair('guest', 'y', { weight: 9 }),
    pair('web', 'z', { weight: 9, protocols: ['http'] }),
  ]),
);
const order = (n: number, more: object = {}) =>
  orderPairs(catalogue, { protocol: 'telnet', vendor: undefined, passwordOnly: false, seed: seed(n), ...more });

test("the maker's pairs first, then by weight, accounts in turn", () => {
  assert.equal(order(1, { vendor: 'Hinoki' })[0]?.user, 'user');
  const plain = order(1);
  assert.equal(plain[0]?.user, 'guest');
  assert.equal(plain.length, 10, 'all that fit the protocol, once');
  assert.equal(new Set(plain.map(p => p.ordinal)).size, 10);
  for (let i = 1; i < plain.length; i++) {
    const left = plain.slice(i).map(p => p.user);
    if (plain[i]?.user === plain[i - 1]?.user)
      assert.deepEqual(new Set(left).size, 1, 'only when no other account is left');
  }
});

test('of a maker with very many pairs eight come first, then the best of all the others', () => {
  const many = load(
    text([
      ...Array.from({ length: 12 }, (_, n) => pair(`m${n}`, 'x', { weight: n, vendors: ['Hinoki'] })),
      ...Array.from({ length: 5 }, (_, n) => pair(`g${n}`, 'y', { weight: 50 + n })),
    ]),
  );
  const users = orderPairs(many, { protocol: 'telnet', vendor: 'Hinoki', passwordOnly: false, seed: seed(1) }).map(
    p => p.user,
  );
  assert.deepEqual(users.slice(0, 8), ['m11', 'm10', 'm9', 'm8', 'm7', 'm6', 'm5', 'm4']);
  assert.deepEqual(users.slice(8), ['g4', 'g3', 'g2', 'g1', 'g0', 'm3', 'm2', 'm1', 'm0']);
});

test('equals are shuffled by the seed, the same way for the same seed', () => {
  const of = (n: number) =>
    order(n)
      .map(p => p.ordinal)
      .join();
  assert.equal(of(3), of(3));
  const firstAdmins = new Set(Array.from({ length: 60 }, (_, n) => order(n).find(p => p.user === 'admin')?.ordinal));
  assert.equal(firstAdmins.size, 6, 'each equal comes first for some device');
});

test('a password-only device is asked each password once', () => {
  const passwords = order(1, { passwordOnly: true }).map(p => p.password.reveal());
  assert.equal(new Set(passwords).size, passwords.length);
  assert.equal(passwords.length, 8);
});

test('a decoy is seven characters, breaks the rule, and is in no catalogue', () => {
  let n = 0;
  const random = (length: number) => Uint8Array.from({ length }, () => (n = (n * 73 + 41) & 255));
  for (let i = 0; i < 200; i++) {
    const decoy = makeDecoy(catalogue, random).reveal();
    assert.match(decoy, /^[a-z2-9]{7}$/);
    assert.ok(!catalogue.holds(decoy) && rulesBroken('admin', decoy, []).includes('LT8'));
  }
  const stuck = load(text([pair('a', 'aaaaaaa')]));
  assert.throws(() => makeDecoy(stuck, length => new Uint8Array(length)), RangeError);
});
