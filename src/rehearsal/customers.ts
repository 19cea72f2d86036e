/** Each ISP's own files: who its customers are and how its pools hand out addresses. In: world, folder. Out: file names. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CountryIsp } from './country.ts';
import { mapPoolsOf } from './map-plan.ts';
import { INSIDE_PREFIX, REALM } from './nat-log.ts';
import type { World } from './world.ts';

export const CUSTOMER_COLUMNS = [
  'subscriber',
  'name',
  'email',
  'postcode',
  'address1',
  'address2',
  'language',
] as const;

/** RFC 4180: quoted when a comma, a quote or a line end is inside. */
export const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export interface IspFiles {
  readonly isp: string;
  readonly customers: string;
  readonly pools: string;
}

function poolsOf(isp: CountryIsp): readonly object[] {
  if (isp.log === 'pd') return mapPoolsOf(isp);
  const pools = isp.prefixes.map(prefix => ({ prefix, pool: isp.pool, log: isp.log }));
  if (isp.log !== 'cgn-juniper') return pools;
  // The NAT's log names an inside address; a list says which line has it.
  return [...pools, { prefix: INSIDE_PREFIX, pool: 'dedicated', log: 'csv', realm: REALM }];
}

/** Writes DIR/ISP/customers.csv and DIR/ISP/pools.json; the same content however often. */
export function writeCustomers(world: World, dir: string): IspFiles[] {
  return world.country.map(isp => {
    const folder = join(dir, isp.id);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const rows = [...world.lines.values()]
      .filter(line => line.isp === isp.id)
      .map(({ contact: c }) =>
        [c.subscriber, c.name, c.email ?? '', c.postcode, c.address[0] ?? '', c.address[1] ?? '', c.language]
          .map(csvCell)
          .join(','),
      );
    const files = { isp: isp.id, customers: join(folder, 'customers.csv'), pools: join(folder, 'pools.json') };
    writeFileSync(files.customers, `${CUSTOMER_COLUMNS.join(',')}\n${rows.join('\n')}\n`, { mode: 0o600 });
    const pools = poolsOf(isp);
    writeFileSync(files.pools, `${JSON.stringify(pools, null, 2)}\n`, { mode: 0o600 });
    return files;
  });
}
