/** Every kind of log that can be imported, by the name that `--format` and a pool's `log` give it. */
import { csvFormat } from './csv-format.ts';
import { dhcpdFormat } from './dhcp/dhcpd.ts';
import { kea6Format, keaFormat } from './dhcp/kea.ts';
import { keaLogFormat } from './dhcp/kea-log.ts';
import type { Format } from './event.ts';
import { pdFormat } from './ipv6/pd.ts';
import { ipfixFormat } from './nat/ipfix/ipfix.ts';
import { nfacctFormat } from './nat/nfacct.ts';
import { a10Format, ciscoFormat, juniperFormat } from './nat/syslog.ts';
import { radiusDetailFormat } from './radius/detail.ts';
import { radacctFormat } from './radius/radacct.ts';

export const FORMATS: Readonly<Record<string, Format>> = {
  'cgn-a10': a10Format,
  'cgn-cisco': ciscoFormat,
  'cgn-juniper': juniperFormat,
  csv: csvFormat,
  dhcpd: dhcpdFormat,
  ipfix: ipfixFormat,
  kea: keaFormat,
  kea6: kea6Format,
  'kea-log': keaLogFormat,
  nfacct: nfacctFormat,
  pd: pdFormat,
  radacct: radacctFormat,
  'radius-detail': radiusDetailFormat,
};
