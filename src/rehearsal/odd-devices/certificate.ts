/**
 * A self-signed certificate, as cheap devices have one: version 1 of X.509 (RFC 5280 section 4.1) in DER, on P-256, made at
 * the start and forgotten at the end. In: a common name. Out: key and certificate in PEM.
 */
import { generateKeyPairSync, sign } from 'node:crypto';

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const SEQUENCE = 0x30;
const sequence = (...parts: readonly Uint8Array[]) => der(SEQUENCE, ...parts);
const text = (tag: number, value: string) => der(tag, Buffer.from(value));

/** ecdsa-with-SHA256 (RFC 5758). */
const ALGORITHM = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
/** A certificate that nobody renewed: most devices' ran out long ago. */
const VALIDITY = sequence(text(0x17, '150101000000Z'), text(0x17, '250101000000Z'));

export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

export function selfSigned(commonName: string): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(Buffer.from('0603550403', 'hex'), text(0x0c, commonName))));
  const body = sequence(
    der(0x02, Buffer.from([1])),
    ALGORITHM,
    name,
    VALIDITY,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const base64 = sequence(body, ALGORITHM, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
  };
}
