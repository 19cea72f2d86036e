/** What `notice doctor` says of sweeping: which drivers this machine has, and what the others lack. Sends nothing. */
import { errorOf } from '../../record/fault.ts';
import { concurrencyHere } from './concurrency.ts';

export interface SweepFact {
  readonly part: string;
  /** `without`: another driver does the work. */
  readonly state: 'works' | 'without';
  readonly fact: string;
  readonly remedy: string;
}

type System = typeof import('./system.ts');

const RIGHT = `run as root, or: setcap cap_net_raw+ep ${process.execPath}`;

async function load(): Promise<System | Error> {
  try {
    return await import('./system.ts');
  } catch (thrown) {
    return errorOf(thrown);
  }
}

/** Sockets are opened on loopback, where nobody listens, and closed again. */
export async function doctorSweep(): Promise<SweepFact[]> {
  const system = await load();
  return [connects(system), mmsg(system), xdp(system)];
}

function connects(system: System | Error): SweepFact {
  const pending = `${concurrencyHere().toLocaleString('en')} at once`;
  if (system instanceof Error)
    return {
      part: 'sweep connect',
      state: 'without',
      fact: `Node's sockets, about five times slower, ${pending}: ${system.message}`,
      remedy: 'use Linux on x64 or arm64 with glibc, and install with optional packages',
    };
  const ipv6 = system.sourceTo6Loopback() === undefined ? 'IPv4 only' : 'IPv4 and IPv6';
  const source = system.sourceTo(0x7f000001);
  return {
    part: 'sweep connect',
    state: 'works',
    fact: `raw connects, ${pending}, ${ipv6}${source === undefined ? ', but no loopback' : ''}`,
    remedy: '',
  };
}

const without = (part: string, fact: string, remedy: string): SweepFact => ({ part, state: 'without', fact, remedy });

function mmsg(system: System | Error): SweepFact {
  const part = 'sweep mmsg';
  if (system instanceof Error) return without(part, system.message, 'use the driver connect');
  const lo = system.linkOf('lo');
  if (!lo) return without(part, 'no interface lo to try it on', 'use the driver connect');
  const fd = system.frameSocket(lo.index, false);
  if (fd >= 0) {
    system.close(fd);
    return { part, state: 'works', fact: 'raw frames, 256 a call', remedy: '' };
  }
  return -fd === system.EPERM
    ? without(part, 'no raw frames: CAP_NET_RAW is missing', RIGHT)
    : without(part, `no raw frames (${system.errorName(-fd)})`, 'use the driver connect');
}

function xdp(system: System | Error): SweepFact {
  const part = 'sweep xdp';
  if (system instanceof Error) return without(part, system.message, 'use the driver connect');
  const lo = system.linkOf('lo');
  if (!lo) return without(part, 'no interface lo to try it on', 'use the driver mmsg');
  const opened = system.xdpSocket(lo.index, 1 << 16, 64);
  if (!('errno' in opened)) {
    opened.close();
    return { part, state: 'works', fact: 'AF_XDP in copy mode', remedy: '' };
  }
  return opened.errno === system.EPERM
    ? without(part, 'no AF_XDP: CAP_NET_RAW is missing', RIGHT)
    : without(part, `no AF_XDP (${opened.step}: ${system.errorName(opened.errno)})`, 'use the driver mmsg');
}
