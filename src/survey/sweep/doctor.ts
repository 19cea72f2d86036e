/** What `notice doctor` says of sweeping: which driver this machine gets, and why. Sends nothing. */
import { errorOf } from '../../record/fault.ts';
import { concurrencyHere } from './concurrency.ts';

export interface SweepFact {
  readonly part: 'sweep';
  /** `without`: the fallback does the work. */
  readonly state: 'works' | 'without';
  readonly fact: string;
  readonly remedy: string;
}

export async function doctorSweep(): Promise<SweepFact> {
  const pending = `${concurrencyHere().toLocaleString('en')} connects at once`;
  try {
    const { sourceTo } = await import('./system.ts');
    const source = sourceTo(0x7f000001);
    return {
      part: 'sweep',
      state: 'works',
      fact: `raw connects, ${pending}, from ${source ?? 'nowhere: no loopback'}`,
      remedy: '',
    };
  } catch (thrown) {
    return {
      part: 'sweep',
      state: 'without',
      fact: `Node's sockets, about five times slower, ${pending}: ${errorOf(thrown).message}`,
      remedy: 'use Linux on x64 or arm64 with glibc, and install with optional packages',
    };
  }
}
