/**
 * The thread that sends frames. It builds its own gate, groups and frames from what it is handed, opens the driver, and
 * runs the engine. The edge where a thread's own clocks are read.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { workerData } from 'node:worker_threads';
import { gateFromTables } from '../../../mandate/gate.ts';
import { errorOf } from '../../../record/fault.ts';
import type { Clocks } from '../../../record/instant.ts';
import type { Ending } from '../messages.ts';
import { makeAnswered } from './answered.ts';
import { makeCookie } from './cookie.ts';
import { dryPackets } from './dry.ts';
import { type FrameShape, frameLength, makeFrames } from './frame.ts';
import { makeGroups } from './groups.ts';
import type { PacketDriver } from './packet-driver.ts';
import { runPacketEngine } from './packet-engine.ts';
import { auditFrom } from './self-auditor.ts';
import { makeSendLink } from './send-link.ts';
import type { FromPacketSender, SendInput } from './send-messages.ts';

const input = workerData as SendInput;
const { port, control, route, sourcePort } = input;
const post = (message: FromPacketSender): void => port.postMessage(message);
const clocks: Clocks = {
  calendar: () => Date.now() + input.calendarOffsetMs,
  monotonic: () => performance.now(),
};

/** A dry run fills its frames too, from and to nowhere. */
const NOWHERE = { sourceMac: new Uint8Array(6), gatewayMac: new Uint8Array(6), source: 0 };

/** MSS alone: within the least length of an Ethernet frame. */
const OPTIONS = 'mss';

async function openDriver(): Promise<{ driver: PacketDriver; note: string }> {
  if (input.driver === 'dry' || route === undefined) return { driver: dryPackets(), note: '' };
  const length = frameLength(OPTIONS);
  const { mmsgPackets } = await import('./mmsg.ts');
  if (input.driver === 'mmsg') return { driver: mmsgPackets(route, length, input.bypass), note: '' };
  const { xdpPackets } = await import('./xdp.ts');
  const xdp = xdpPackets(route, length, clocks.monotonic);
  return 'why' in xdp ? { driver: mmsgPackets(route, length, input.bypass), note: xdp.why } : { driver: xdp, note: '' };
}

async function run(): Promise<Ending> {
  const gate = gateFromTables(input.gateTables, clocks);
  const groups = makeGroups(input.ranges, input.ports, input.key, gate.mandate.limits, input.shardSize);
  let opened: Awaited<ReturnType<typeof openDriver>>;
  try {
    opened = await openDriver();
  } catch (thrown) {
    return { type: 'fault', what: errorOf(thrown).message, remedy: 'or use the driver connect' };
  }
  const { driver, note } = opened;
  if (driver.sends && input.audit === undefined) throw new Error('a raw frame may not leave without the self-audit');
  post({ type: 'started', driver: driver.name, note });
  const shape: FrameShape = {
    ...(route ? { sourceMac: route.mac, gatewayMac: route.gatewayMac, source: route.source } : NOWHERE),
    sourcePort,
    options: OPTIONS,
  };
  const frames = makeFrames(driver.slots, shape);
  const seed = randomBytes(8);
  try {
    return runPacketEngine({
      groups,
      gate,
      driver,
      frames,
      cookie: makeCookie(input.cookieKey),
      sourcePort,
      link: makeSendLink(port, control, clocks.monotonic),
      clocks,
      reserve: input.reserve,
      canaries: input.canaries,
      answered: input.answered ? makeAnswered(groups.whole.size, input.answered) : undefined,
      audit: input.audit
        ? auditFrom(input.audit, driver.slots, frames.length, clocks.calendar, seed.readUInt32LE(4))
        : undefined,
      seed: seed.readUInt32LE(0),
    });
  } finally {
    driver.close();
  }
}

let ending: Ending;
try {
  ending = await run();
} catch (thrown) {
  ending = { type: 'fault', what: errorOf(thrown).message, remedy: 'resume; what was sent is in the ledger' };
}
post({ type: 'end', ending });
port.close();
