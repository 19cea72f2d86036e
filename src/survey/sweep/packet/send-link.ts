/** The packet sender's end of the messages: as link.ts, with a port that is looked into only when there is something in it. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { makePulse } from '../link.ts';
import {
  type FromPacketSender,
  PACE_WHOLE,
  SEND_CONTROL,
  type SendLink,
  type ToPacketSender,
} from './send-messages.ts';

export function makeSendLink(port: MessagePort, control: Int32Array, monotonic: () => number): SendLink {
  const pulse = makePulse(control, monotonic);
  const post = (message: FromPacketSender): void => port.postMessage(message);
  let reports = 0;
  /** The number of wakings at which the port was last found empty. */
  let emptyAt = -1;
  return {
    get stopping() {
      return pulse.stopping;
    },
    paused: now => pulse.paused(now, reports),
    take() {
      // Read before the port: who writes there rings after.
      const rung = Atomics.load(control, SEND_CONTROL.wake);
      if (rung === emptyAt) return undefined;
      const word = receiveMessageOnPort(port) as { message: ToPacketSender } | undefined;
      if (word === undefined) emptyAt = rung;
      return word?.message;
    },
    post,
    report(report) {
      reports++;
      post({ type: 'report', report });
    },
    get pace() {
      return Math.min(PACE_WHOLE, Math.max(1, Atomics.load(control, SEND_CONTROL.pace))) / PACE_WHOLE;
    },
    idle: pulse.idle,
  };
}
