/**
 * The trust file: whose keys count, pinned out of band. In: trust.json. Out: Trust, in which every key id belongs to its
 * key and no key is pinned twice, so that "two signatures" always means two keys.
 */
import { Fault } from '../record/fault.ts';
import type { Trust, TrustedKey } from '../record/mandate.ts';
import { readJson, shaped } from './json-file.ts';
import type { Path } from './json-place.ts';
import { keyIdOf } from './keys.ts';
import { trustShape } from './shapes.ts';

const REMEDY = 'name the trust file made when the keys were exchanged';

export function loadTrust(file: string): Trust {
  const json = readJson(file, 'mandate-unreadable', REMEDY);
  const trust = shaped(trustShape, json, 'a trust file', 'mend it from the keys that were handed over');
  const seen = new Map<string, string>();
  const pin = (path: Path, role: string, keys: readonly TrustedKey[]) => {
    for (const [n, { key, publicKey }] of keys.entries()) {
      const where = json.where([...path, n]);
      if (keyIdOf(publicKey) !== key)
        throw new Fault('signature', `the id of a key of "${role}" is not of this key`, 'pin the key again', { where });
      const other = seen.get(publicKey);
      if (other !== undefined)
        throw new Fault('signature', `"${role}" and "${other}" have the same key`, 'each must have its own', { where });
      seen.set(publicKey, role);
    }
  };
  pin(['operator'], 'operator', trust.operator);
  pin(['authority'], 'authority', trust.authority);
  for (const [isp, keys] of Object.entries(trust.isps)) pin(['isps', isp], isp, keys);
  return trust;
}
