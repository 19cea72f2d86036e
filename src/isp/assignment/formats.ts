/** Every kind of log that can be imported, by the name that `--format` and a pool's `log` give it. */
import { csvFormat } from './csv-format.ts';
import type { Format } from './event.ts';
import { pdFormat } from './ipv6/pd.ts';
import { keaFormat } from './kea.ts';
import { radiusDetailFormat } from './radius/detail.ts';
import { radacctFormat } from './radius/radacct.ts';

export const FORMATS: Readonly<Record<string, Format>> = {
  csv: csvFormat,
  kea: keaFormat,
  pd: pdFormat,
  radacct: radacctFormat,
  'radius-detail': radiusDetailFormat,
};
