/** The protocols the check speaks. To add one: docs/guide/driver.md. */
import type { Protocol } from '../../record/glossary.ts';
import type { Driver } from './driver.ts';
import { ftpDriver } from './ftp/driver.ts';
import { httpDriver, httpFormDriver, httpsDriver, httpsFormDriver } from './http/driver.ts';
import { sshDriver } from './ssh/driver.ts';
import { telnetDriver } from './telnet/driver.ts';

export const DRIVERS: Readonly<Record<Protocol, Driver>> = {
  telnet: telnetDriver,
  http: httpDriver,
  https: httpsDriver,
  'http-form': httpFormDriver,
  'https-form': httpsFormDriver,
  ftp: ftpDriver,
  ssh: sshDriver,
};

export const driverOf = (protocol: Protocol): Driver | undefined => DRIVERS[protocol];
