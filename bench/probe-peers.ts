/** The peers of the credential check as Debian packages them: command lines that try the one pair once on each host. */
import { existsSync } from 'node:fs';
import { WRONG } from './probe-paper.ts';

export type PeerProtocol = 'telnet' | 'http' | 'ssh';

export interface Peer {
  readonly name: string;
  readonly file: string;
  /** So slow that it gets a few hosts only, and is named with their number. */
  readonly slow?: true;
  command(protocol: PeerProtocol, hostsFile: string, port: number, inFlight: number): readonly string[];
}

const { user, password } = WRONG;

export const PEERS: readonly Peer[] = [
  {
    name: 'medusa',
    file: '/usr/bin/medusa',
    command: (protocol, hosts, port, inFlight) => [
      ...['medusa', '-b', '-H', hosts, '-u', user, '-p', password, '-n', String(port)],
      ...['-T', String(inFlight), '-t', '1', '-M', protocol],
    ],
  },
  {
    name: 'ncrack',
    file: '/usr/bin/ncrack',
    command: (protocol, hosts, port, inFlight) => [
      ...['ncrack', '-T5', '--user', user, '--pass', password, '-g', `CL=${inFlight}`],
      ...['-p', `${protocol}:${port}`, '-iL', hosts],
    ],
  },
  {
    name: 'hydra',
    file: '/usr/bin/hydra',
    slow: true,
    // 64 hosts at once are the most it does.
    command: (protocol, hosts, port) => [
      ...['hydra', '-I', '-l', user, '-p', password, '-s', String(port), '-t', '1', '-T', '64', '-M', hosts],
      protocol === 'http' ? 'http-get' : protocol,
    ],
  },
];

export const isThere = ({ file }: Peer): boolean => existsSync(file);
