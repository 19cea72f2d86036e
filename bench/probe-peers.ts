/** The peers of the credential check as Debian packages them: command lines that try the one pair once on each host. */
import { existsSync } from 'node:fs';
import { hasNamespace } from './far-end-process.ts';
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

const isThere = ({ file }: Peer): boolean => existsSync(file);

/** What a line says of a peer that is not run at all; undefined when it is. A peer for few hosts takes no part in a short look. */
export function notRun(peer: Peer, fewHosts: number): string | undefined {
  if (!isThere(peer)) return 'missing';
  if (!hasNamespace) return 'not run: needs root for a network of its own';
  return peer.slow && fewHosts === 0 ? 'not run in a short look' : undefined;
}

export const hostsOf = (peer: Peer, hosts: number, fewHosts: number): number =>
  peer.slow ? Math.min(hosts, fewHosts) : hosts;

/** A peer that got fewer hosts than the others says so by its name. */
export const nameOf = (peer: Peer, fewHosts: number): string =>
  peer.slow && fewHosts > 0 ? `${peer.name} (${fewHosts} hosts)` : peer.name;
