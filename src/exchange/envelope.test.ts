import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { CompactEncrypt, CompactSign } from 'jose';
import { makeSealingKey, makeSigningKey, privateKeyObject, publicKeyObject } from '../mandate/keys.ts';
import { Fault } from '../record/fault.ts';
import { openSealed, sealTo } from './envelope.ts';

const signer = makeSigningKey();
const isp = makeSealingKey();
const other = makeSealingKey();
const pinned = [{ key: signer.key, publicKey: signer.publicKey }];
const refused = (code: string, words: RegExp) => (thrown: unknown) =>
  thrown instanceof Fault && thrown.code === code && words.test(thrown.message);

/** An envelope with any headers and keys, as somebody else might make it. */
async function forged(of: { inner?: object; outer?: object; by?: ReturnType<typeof makeSigningKey>; text?: string }) {
  const by = of.by ?? signer;
  const jws = await new CompactSign(Buffer.from(of.text ?? 'word'))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'notice-signed', kid: by.key, to: isp.key, ...of.inner })
    .sign(privateKeyObject(by));
  return new CompactEncrypt(Buffer.from(jws))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ: 'notice-sealed', kid: isp.key, ...of.outer })
    .encrypt(publicKeyObject(isp.publicKey, 'X25519'));
}

test('what is sealed opens to the same text, byte for byte, and only so', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async text => {
      const sealed = await sealTo(text, isp.publicKey, signer);
      assert.match(sealed, /^[A-Za-z0-9_.-]+$/);
      assert.equal(await openSealed(sealed, isp, pinned), text);
    }),
    { numRuns: 40 },
  );
  assert.equal(await openSealed(await sealTo('\ufeffmark', isp.publicKey, signer), isp, pinned), '\ufeffmark');
  assert.equal(await openSealed(await forged({}), isp, pinned), 'word');
});

test('another key does not open it', async () => {
  const sealed = await sealTo('word', isp.publicKey, signer);
  await assert.rejects(openSealed(sealed, other, pinned), refused('input', /sealed to key/));
  // Even one that calls itself by the right name.
  await assert.rejects(openSealed(sealed, { ...other, key: isp.key }, pinned), refused('input', /altered or cut/));
});

test('only a pinned signer counts', async () => {
  const stranger = makeSigningKey();
  const sealed = await sealTo('word', isp.publicKey, stranger);
  await assert.rejects(openSealed(sealed, isp, pinned), refused('signature', /not pinned/));
  await assert.rejects(openSealed(sealed, isp, []), refused('signature', /not pinned/));
  // A stranger that claims the pinned key's name, and a pin whose name is not its key's.
  const claimed = await forged({ by: stranger, inner: { kid: signer.key } });
  await assert.rejects(openSealed(claimed, isp, pinned), refused('signature', /does not verify/));
  const wrongPin = [{ key: signer.key, publicKey: stranger.publicKey }];
  await assert.rejects(openSealed(claimed, isp, wrongPin), refused('signature', /not pinned/));
});

test('a key, a compression or anything unknown in a header is refused', async () => {
  const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  for (const inner of [
    { jwk },
    { b64: true },
    { jku: 'https://example.net/k' },
    { x5c: [] },
    { typ: 'JWT' },
    { kid: 7 },
  ])
    await assert.rejects(openSealed(await forged({ inner }), isp, pinned), refused('input', /no signature of this/));
  for (const outer of [{ jwk }, { cty: 'JWT' }, { apu: 'eA' }, { typ: 'JWE' }, { note: 'x' }])
    await assert.rejects(openSealed(await forged({ outer }), isp, pinned), refused('input', /no envelope of this/));
  await assert.rejects(
    openSealed(await forged({ outer: { enc: 'A128CBC-HS256' } }), isp, pinned),
    refused('input', /no envelope/),
  );
  await assert.rejects(
    openSealed(await forged({ outer: { alg: 'ECDH-ES' } }), isp, pinned),
    refused('input', /no envelope/),
  );
});

test('an unsigned inside, or alg none, is refused', async () => {
  const b64 = (text: string) => Buffer.from(text).toString('base64url');
  for (const inside of [
    'word',
    `${b64(`{"alg":"none","typ":"notice-signed","kid":"${signer.key}","to":"${isp.key}"}`)}.${b64('word')}.`,
    `${b64(`{"alg":"EdDSA","typ":"notice-signed","kid":"${signer.key}","to":"${isp.key}"}`)}.${b64('word')}.`,
  ]) {
    const sealed = await new CompactEncrypt(Buffer.from(inside))
      .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ: 'notice-sealed', kid: isp.key })
      .encrypt(publicKeyObject(isp.publicKey, 'X25519'));
    await assert.rejects(openSealed(sealed, isp, pinned), Fault);
  }
});

test('one recipient cannot pass an envelope on as if it had been meant for another', async () => {
  const jws = await new CompactSign(Buffer.from('word'))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'notice-signed', kid: signer.key, to: other.key })
    .sign(privateKeyObject(signer));
  const resealed = await new CompactEncrypt(Buffer.from(jws))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ: 'notice-sealed', kid: isp.key })
    .encrypt(publicKeyObject(isp.publicKey, 'X25519'));
  await assert.rejects(openSealed(resealed, isp, pinned), refused('signature', /another recipient/));
});

test('a changed, cut or lengthened envelope never opens, and every failure is a Fault', async () => {
  const sealed = await sealTo('a word that is long enough to be altered somewhere', isp.publicKey, signer);
  const bytes = Buffer.from(sealed, 'ascii');
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << bit);
      const text = flipped.toString('latin1');
      await assert.rejects(openSealed(text, isp, pinned), Fault);
      await assert.rejects(openSealed(sealed.slice(0, at), isp, pinned), Fault);
    }),
    { numRuns: 150 },
  );
  // The last characters of each part carry spare bits that a lenient decoder drops.
  const ends = [...sealed.matchAll(/.(?=\.|$)/g)].map(m => m.index);
  for (const at of ends)
    for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=')
      if (c !== sealed[at])
        await assert.rejects(openSealed(sealed.slice(0, at) + c + sealed.slice(at + 1), isp, pinned), Fault);
  for (const more of [`${sealed}.`, `${sealed}A`, `${sealed}\n`, ` ${sealed}`, `${sealed}=`])
    await assert.rejects(openSealed(more, isp, pinned), Fault);
});
