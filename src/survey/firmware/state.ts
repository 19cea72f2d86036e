/**
 * Whether an identified device runs firmware that is known to be weak. In: the device. Out: `vulnerable` inside a range,
 * `fixed` at or beyond the end of every range, `undetermined` when nobody can tell, null when nothing is known of the product.
 */
import type { Device, FirmwareState } from '../../record/observation.ts';
import { FIRMWARE, type ProductFirmware } from './ranges.ts';
import { compareTokens, tokensOf } from './version.ts';

export function firmwareState(device: Device, known: readonly ProductFirmware[] = FIRMWARE): FirmwareState | null {
  const product = known.find(p => p.vendor === device.vendor && p.model === device.model);
  if (!product) return null;
  const version = device.firmware === undefined ? undefined : tokensOf(product.shape, device.firmware);
  if (!version) return 'undetermined';
  let beyondAll = true;
  for (const { from, to } of product.vulnerable) {
    const first = tokensOf(product.shape, from);
    const fixed = tokensOf(product.shape, to);
    if (!first || !fixed) return 'undetermined';
    if (compareTokens(version, fixed) >= 0) continue;
    beyondAll = false;
    if (compareTokens(version, first) >= 0) return 'vulnerable';
  }
  return beyondAll ? 'fixed' : 'undetermined';
}
