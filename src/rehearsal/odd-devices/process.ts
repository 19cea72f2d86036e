/**
 * The child process of odd devices that stand for a proof or a benchmark: apart from the survey's, so that neither's work
 * makes the other late. It ends by itself when its parent is gone.
 */
import { ODD_DEVICES } from './collection.ts';
import { idOf } from './device.ts';
import { type OddDevices, openOddDevices } from './open.ts';
import type { Answer, Order } from './start.ts';

let devices: OddDevices | undefined;
const reply = (answer: Answer) => process.send?.(answer);

process.on('message', async (message: unknown) => {
  const order = message as Order;
  if (order.type === 'count') return void reply({ counts: devices?.counts() ?? [] });
  try {
    const { ids, ...options } = order.options;
    const personalities = ODD_DEVICES.filter(one => ids.includes(idOf(one)));
    devices = await openOddDevices({ ...options, personalities, monotonic: () => performance.now() });
    reply({});
  } catch (thrown) {
    reply({ code: (thrown as { code?: string }).code ?? String(thrown) });
  }
});
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
