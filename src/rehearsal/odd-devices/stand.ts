/**
 * Odd devices for somebody to try by hand: one of each with a wrong pair and one with a right one, on loopback, until
 * Ctrl-C. `node dist/src/rehearsal/odd-devices/stand.js`. Prints who lives where; counts at the end.
 */
import { errorOf, Fault } from '../../record/fault.ts';
import { ODD_DEVICES } from './collection.ts';
import { idOf } from './device.ts';
import { openOddDevices, type PortOf } from './open.ts';

const PORTS: PortOf = { telnet: 2323, http: 8080, https: 8443, 'http-form': 8081, ftp: 2121, ssh: 2022 };
const PAIR = { user: 'admin', password: 'admin' };

const words = (verdicts: readonly string[]) => verdicts.join('|');

try {
  const devices = await openOddDevices({
    ports: PORTS,
    each: 1,
    pairs: [PAIR],
    personalities: ODD_DEVICES,
    monotonic: () => performance.now(),
  });
  for (const { address, port, personality, guessable } of devices.places) {
    const { verdicts } = guessable ? personality.right : personality.wrong;
    const where = `${address}:${port}`.padEnd(21);
    process.stdout.write(
      `${where} ${idOf(personality).padEnd(13)} ${personality.title.padEnd(45)} ${words(verdicts)}\n`,
    );
  }
  process.stderr.write(`the pair that opens those at .101 is ${PAIR.user}/${PAIR.password}; Ctrl-C ends\n`);
  process.once('SIGINT', async () => {
    for (const [i, { connections, tries, afterAccept, intrusions }] of devices.counts().entries()) {
      const place = devices.places[i];
      if (connections > 0 && place)
        process.stdout.write(
          `${place.address} ${idOf(place.personality)} ${JSON.stringify({ connections, tries: tries.length, afterAccept, intrusions })}\n`,
        );
    }
    await devices.close();
  });
} catch (thrown) {
  const error = errorOf(thrown);
  const fault =
    (error as { code?: string }).code === 'EADDRINUSE'
      ? new Fault('port-taken', error.message, 'end the program that has the port', { cause: error })
      : error;
  process.stderr.write(`odd-devices: ${fault.message}\n`);
  process.exitCode = fault instanceof Fault ? fault.exit : 1;
}
