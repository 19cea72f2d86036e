/** The peers of the raw sweep as Debian packages them: command lines that send one SYN to each address of a prefix, unlimited. */
import { existsSync } from 'node:fs';
import { FAR, NEAR } from '../test/real/veth-pair.ts';

export interface SweepPeer {
  readonly name: string;
  readonly file: string;
  /** `output` gets a line for each answer. */
  command(prefix: string, port: number, output: string, emptyFile: string): readonly string[];
  /** Addresses an output reports as open. */
  answers(text: string): number;
}

export const SWEEP_PEERS: readonly SweepPeer[] = [
  {
    name: 'zmap',
    file: '/usr/sbin/zmap',
    command: (prefix, port, output, empty) => [
      ...['zmap', '-i', NEAR.device, '-G', FAR.mac, '-S', NEAR.address, '-p', String(port), '-r', '0', '-c', '1'],
      ...['-b', empty, '-q', '--disable-syslog', '-o', output, prefix],
    ],
    answers: text => text.split('\n').filter(line => /^\d+\./.test(line)).length,
  },
  {
    name: 'masscan',
    file: '/usr/bin/masscan',
    command: (prefix, port, output) => [
      ...['masscan', '-e', NEAR.device, '--source-ip', NEAR.address, '--source-port', '40000'],
      ...['--adapter-mac', NEAR.mac.replaceAll(':', '-'), '--router-mac', FAR.mac.replaceAll(':', '-')],
      ...['-p', String(port), '--rate', '100000000', '--wait', '1', '-oL', output, prefix],
    ],
    answers: text => text.split('\n').filter(line => line.startsWith('open')).length,
  },
];

export const isThere = ({ file }: SweepPeer): boolean => existsSync(file);
