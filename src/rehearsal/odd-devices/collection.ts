/** All odd devices there are, by protocol and number. */
import type { Personality } from './device.ts';
import { FTP } from './ftp.ts';
import { HTTP } from './http.ts';
import { HTTP_FORM } from './http-form.ts';
import { HTTP_MORE } from './http-more.ts';
import { HTTPS } from './https.ts';
import { SSH } from './ssh.ts';
import { TELNET } from './telnet.ts';
import { TELNET_MORE } from './telnet-more.ts';

export const ODD_DEVICES: readonly Personality[] = [
  ...TELNET,
  ...TELNET_MORE,
  ...HTTP,
  ...HTTP_MORE,
  ...HTTPS,
  ...HTTP_FORM,
  ...FTP,
  ...SSH,
];

/** The twenty-six of the first comparison with other programs. */
export const FIRST_26: readonly Personality[] = [...TELNET.slice(0, 17), ...HTTP.slice(0, 9)];
