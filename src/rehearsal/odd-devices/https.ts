/** HTTPS devices: those of http behind TLS with a certificate of their own, and one whose TLS is out of order. */
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { selfSigned } from './certificate.ts';
import { type Device, deceptive, HONEST, numbered, unjudged } from './device.ts';
import { anyGets, guarded, INSIDE, web } from './http-wire.ts';

let context: SecureContext | undefined;

/** Speaks TLS on the socket and leaves the words to `inner`. What comes inside after an accept is an intrusion. */
const overTls =
  (inner: Device): Device =>
  (socket, key, sight) => {
    context ??= createSecureContext({ ...selfSigned('camera.invalid'), minVersion: 'TLSv1.2' });
    const tls = new TLSSocket(socket, { isServer: true, secureContext: context });
    let accepted = false;
    tls.on('error', () => socket.destroy());
    tls.on('data', () => {
      if (accepted) sight.intruded();
    });
    inner(tls, key, {
      ...sight,
      accepted: () => {
        accepted = true;
        // The records that say goodbye are TLS's own.
        sight.accepted(Number.POSITIVE_INFINITY);
      },
    });
  };

export const HTTPS = numbered('https', 1, [
  { title: 'normal Basic', ...HONEST, device: overTls(web(guarded)) },
  { title: 'Digest only', ...HONEST, device: overTls(web(guarded, { digest: { algorithm: 'SHA-256' } })) },
  { title: 'any pair', ...deceptive('ACCEPTS_ANYTHING'), device: overTls(web(anyGets(INSIDE))) },
  {
    title: 'plain HTTP on the port of TLS',
    ...unjudged('INCONCLUSIVE', 'NOT_A_LOGIN'),
    takesNone: true,
    device: web(() => ({ status: '400 Bad Request', body: 'The plain HTTP request was sent to HTTPS port' }), {
      closes: true,
    }),
  },
]);
