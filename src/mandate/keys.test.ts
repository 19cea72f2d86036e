import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical } from '../record/canonical.ts';
import { Fault } from '../record/fault.ts';
import type { SigningKey } from './keys.ts';
import {
  curveOf,
  keyIdOf,
  makeSealingKey,
  makeSigningKey,
  publicTextOf,
  readKey,
  readPublicKey,
  signBody,
  verifyBody,
  writeKey,
} from './keys.ts';

test('the canonical form is that of RFC 8785: its example, its sorting, its numbers', () => {
  const example =
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
    '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
  assert.equal(
    canonical(JSON.parse(example)),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
  const members = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
  const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
  assert.equal(
    canonical(Object.fromEntries(members.map(m => [m, 0]))),
    `{${sorted.map(m => `${JSON.stringify(m)}:0`).join(',')}}`,
  );
  const bits = (hex: string) => Buffer.from(hex, 'hex').readDoubleBE(0);
  for (const [hex, text] of [
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
  ] as const)
    assert.equal(canonical(bits(hex)), text);
  for (const not of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', () => {}]) assert.throws(() => canonical(not));
});

test('keys are those of RFC 8032 and RFC 7748', () => {
  const key = (publicHex: string, secretHex: string): SigningKey => {
    const publicKey = Buffer.from(publicHex, 'hex').toString('base64url');
    return { key: keyIdOf(publicKey), publicKey, privateKey: Buffer.from(secretHex, 'hex').toString('base64url') };
  };
  const ed25519 = key(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  );
  const x25519 = key(
    '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
  );
  assert.equal(curveOf(ed25519), 'Ed25519');
  assert.equal(curveOf(x25519), 'X25519');
  assert.equal(curveOf({ ...ed25519, publicKey: x25519.publicKey }), undefined);
});

test('a signature holds for its body, however written, and for nothing else', () => {
  const [key, other] = [makeSigningKey(), makeSigningKey()];
  const json = fc.jsonValue();
  fc.assert(
    fc.property(json, json, (body, another) => {
      const signature = signBody(body, 'operator', key);
      assert.ok(verifyBody(JSON.parse(JSON.stringify(body, null, 3)), signature, [other, key]));
      assert.equal(verifyBody(another, signature, [key]), canonical(another) === canonical(body));
      assert.ok(!verifyBody(body, signature, [other]));
      assert.ok(!verifyBody(body, signature, [{ ...other, key: key.key }]));
      assert.ok(!verifyBody(body, { ...signature, signature: `A${signature.signature.slice(1)}B` }, [key]));
    }),
    { numRuns: 100 },
  );
});

test('key files are secret, read back, never overwritten, and refused when damaged or of the wrong curve', () => {
  const dir = mkdtempSync(join(tmpdir(), 'notice-keys-'));
  const file = (name: string) => join(dir, name);
  const [signing, sealing] = [makeSigningKey(), makeSealingKey()];
  writeKey(file('a'), signing);
  writeKey(file('b'), sealing);
  assert.equal(statSync(file('a')).mode & 0o777, 0o600);
  assert.deepEqual([readKey(file('a')), readKey(file('b'))], [signing, sealing]);
  assert.throws(() => writeKey(file('a'), signing), /is a key already/);
  writeFileSync(file('c'), publicTextOf(sealing));
  assert.ok(!publicTextOf(sealing).includes(sealing.privateKey));
  for (const name of ['b', 'c'])
    assert.deepEqual(readPublicKey(file(name), 'X25519'), { key: sealing.key, publicKey: sealing.publicKey });
  assert.throws(() => readPublicKey(file('c'), 'Ed25519'), /no Ed25519 key/);
  writeFileSync(
    file('d'),
    JSON.stringify({ format: 'notice-key/1', curve: 'Ed25519', ...signing, privateKey: sealing.privateKey }),
  );
  assert.throws(() => readKey(file('d')), /damaged/);
  for (const bad of ['', '{}', '[1']) {
    writeFileSync(file('e'), bad);
    assert.throws(
      () => readKey(file('e')),
      (f: unknown) => f instanceof Fault && f.exit === 4,
    );
  }
  rmSync(dir, { recursive: true });
});
