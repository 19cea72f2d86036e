/** The country without the programme: devices that listen and a signed mandate for them, to try single commands on. */
import { join } from 'node:path';
import { DAY } from '../record/instant.ts';
import { lockFolder } from '../role/lock.ts';
import { startDevices } from './devices/start.ts';
import { holdPorts } from './hold-ports.ts';
import { FIRST_MONTH, type Options } from './journal.ts';
import { keysIn, signConsents, writePaper } from './paper.ts';
import { choosePorts } from './ports.ts';
import { makeWorld } from './world.ts';

export interface OpenCountry {
  readonly facts: { readonly mandate: string; readonly services: number; readonly pid: number };
  readonly words: string;
  close(): Promise<void>;
}

/** The paper is signed for today: whoever tries a command here has today's calendar, not the country's. */
export async function openCountry(o: {
  readonly options: Options;
  readonly folder: string;
  readonly note: (text: string) => void;
}): Promise<OpenCountry> {
  const unlock = lockFolder(o.folder);
  try {
    const ports = await choosePorts(o.options.addresses, o.note);
    const world = makeWorld({ ...o.options, ports, firstMonth: FIRST_MONTH });
    const letGo = await holdPorts(ports);
    const devices = await startDevices(world);
    await devices.place();
    const folder = join(o.folder, 'country');
    const keys = keysIn(folder, world.country);
    const now = Date.now();
    const mandate = writePaper({
      folder,
      country: world.country,
      keys,
      ports,
      from: now - DAY,
      to: now + 30 * DAY,
      site: 'http://127.0.0.1',
    });
    signConsents(folder, world.country, keys, now);
    const services = world.placements().length;
    return {
      facts: { mandate, services, pid: process.pid },
      words: `${services.toLocaleString('en')} services of ${o.options.devices.toLocaleString('en')} devices listen on 127.64.0.0/12 until Ctrl-C.\nTry, in another terminal:\n  notice mandate check ${mandate}\n  notice round run --mandate ${mandate} --state ${join(folder, 'prober')}\n`,
      close: async () => {
        await devices.close();
        await letGo();
        unlock();
      },
    };
  } catch (thrown) {
    unlock();
    throw thrown;
  }
}
