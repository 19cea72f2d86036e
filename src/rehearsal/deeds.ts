/**
 * Owners do what they mean to do: repair the device, press "check again" from their own line, ask the desk. In: deeds of
 * a day. Out: what each step came to. The steps of one owner follow each other; owners do not wait for one another.
 */
import type { Devices } from './devices/start.ts';
import type { Deed } from './owners.ts';
import { askDesk, type VisitResult, visitSite } from './visit.ts';
import type { World } from './world.ts';

export interface DeedsDone {
  readonly repaired: number;
  readonly checks: readonly { readonly code: string; readonly repairedBefore: boolean; readonly result: VisitResult }[];
  /** Re-checks the site wrote down. */
  readonly rechecks: ReadonlySet<string>;
  readonly asked: number;
  readonly called: number;
  /** What could not be done, in words, for the operator of the rehearsal. */
  readonly trouble: readonly string[];
}

export interface DeedsDeps {
  readonly world: World;
  readonly devices: Pick<Devices, 'repair'>;
  readonly siteUrl: string;
  /** Rings the support centre; absent, nobody telephones. */
  readonly telephone?: (call: { code: string; topic: string; question: string }) => Promise<void>;
  readonly patienceMs?: number;
}

/** Owners at the same time; each holds one connection to the site. */
const AT_ONCE = 8;
const QUESTION = {
  topic: 'which-device',
  question: '【訓練】どの機器のことか分かりません。見分け方を教えてください。',
};
const STRANGER = { topic: 'not-mine', question: '【訓練】お知らせにあるような機器は持っていません。' };

export async function doDeeds(deeds: readonly Deed[], deps: DeedsDeps): Promise<DeedsDone> {
  const { world, siteUrl } = deps;
  const done = {
    repaired: 0,
    checks: [] as DeedsDone['checks'][number][],
    rechecks: new Set<string>(),
    asked: 0,
    called: 0,
    trouble: [] as string[],
  };

  async function one(deed: Deed): Promise<void> {
    const line = `${deed.isp}/${deed.subscriber}`;
    const { code } = deed;
    const words = deed.device === null ? STRANGER : QUESTION;
    let repairedBefore = false;
    for (const step of deed.steps) {
      // A person who moved to another address in between comes from that one, as in life.
      const fromAddress = world.register.of(line, world.now())?.address;
      if (!fromAddress) return;
      if (step === 'repair' && deed.device !== null) {
        repairedBefore = await deps.devices.repair(deed.device, deed.how);
        if (repairedBefore) done.repaired++;
      } else if (step === 'check') {
        const onRecheck = (id: string) => done.rechecks.add(id);
        const visit = {
          siteUrl,
          code,
          fromAddress,
          onRecheck,
          ...(deps.patienceMs ? { patienceMs: deps.patienceMs } : {}),
        };
        done.checks.push({ code, repairedBefore, result: await visitSite(visit) });
      } else if (step === 'ask' && (await askDesk(siteUrl, fromAddress, { code, ...words }))) done.asked++;
      else if (step === 'call' && deps.telephone) {
        await deps.telephone({ code, ...words });
        done.called++;
      }
    }
  }

  const queue = [...deeds];
  const worker = async () => {
    for (let deed = queue.shift(); deed; deed = queue.shift()) {
      try {
        await one(deed);
      } catch (thrown) {
        done.trouble.push(
          `${deed.isp}: an owner's visit failed (${thrown instanceof Error ? thrown.message : thrown})`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return done;
}
