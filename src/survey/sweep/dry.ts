/** The driver that sends nothing: a dry run walks, asks the gate and counts. Nothing answers, because nothing is asked. */
import { type Driver, SILENT } from './driver.ts';

export const dryDriver = (): Driver => ({
  name: 'dry',
  sends: false,
  sourceTo: () => undefined,
  open: () => SILENT,
  wait: () => undefined,
  cancel: () => undefined,
  lastFault: () => '',
  close: () => undefined,
});
