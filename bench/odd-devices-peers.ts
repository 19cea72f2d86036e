/**
 * Other programs on one odd device: the command line that tries one pair once, and the words with which each claims a login.
 * Each on the protocols it has; versions are asked for, not assumed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Protocol } from '../src/record/glossary.ts';
import type { Key } from '../src/rehearsal/odd-devices/device.ts';

export interface Where {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export interface OddPeer {
  readonly name: string;
  readonly file: string;
  /** Its claim, on a line of its standard output. */
  readonly claims: RegExp;
  readonly version: { readonly args: readonly string[]; readonly reads: RegExp };
  /** Undefined: it does not speak this. `folder` holds files `user` and `password` with the pair. */
  command(where: Where, pair: Key, folder: string): readonly string[] | undefined;
}

const medusaModule: Partial<Record<Protocol, readonly string[]>> = {
  telnet: ['telnet'],
  http: ['http'],
  https: ['http', '-s'],
  ftp: ['ftp'],
  ssh: ['ssh'],
};
const hydraModule: Partial<Record<Protocol, string>> = {
  telnet: 'telnet',
  http: 'http-get',
  https: 'https-get',
  ftp: 'ftp',
  ssh: 'ssh',
};
const nmapScript: Partial<Record<Protocol, string>> = {
  telnet: 'telnet-brute',
  http: 'http-brute',
  https: 'http-brute',
  ftp: 'ftp-brute',
  ssh: 'ssh-brute',
};

export const ODD_PEERS: readonly OddPeer[] = [
  {
    name: 'medusa',
    file: '/usr/bin/medusa',
    claims: /^ACCOUNT FOUND:/m,
    version: { args: ['-V'], reads: /Medusa v(\S+)/ },
    command({ address, port, protocol }, { user, password }) {
      const module = medusaModule[protocol];
      if (!module) return undefined;
      return ['-h', address, '-n', `${port}`, '-u', user, '-p', password, '-t', '1', '-M', ...module];
    },
  },
  {
    name: 'hydra',
    file: '/usr/bin/hydra',
    claims: /^\[\d+\]\[[\w-]+\] host:.*login:/m,
    version: { args: ['-h'], reads: /Hydra v(\S+)/ },
    command({ address, port, protocol }, { user, password }) {
      const module = hydraModule[protocol];
      if (!module) return undefined;
      const path = module.endsWith('-get') ? ['/'] : [];
      return ['-I', '-l', user, '-p', password, '-s', `${port}`, '-t', '1', address, module, ...path];
    },
  },
  {
    name: 'ncrack',
    file: '/usr/bin/ncrack',
    claims: /^Discovered credentials/m,
    version: { args: ['--version'], reads: /Ncrack version (\S+)/ },
    command({ address, port, protocol }, { user, password }) {
      if (hydraModule[protocol] === undefined) return undefined;
      return ['--user', user, '--pass', password, `${protocol}://${address}:${port},at=1,CL=1`];
    },
  },
  {
    name: 'nmap',
    file: '/usr/bin/nmap',
    claims: /Valid credentials/,
    version: { args: ['--version'], reads: /Nmap version (\S+)/ },
    command({ address, port, protocol }, _, folder) {
      const script = nmapScript[protocol];
      if (!script) return undefined;
      const files = `userdb=${folder}/user,passdb=${folder}/password`;
      const more = 'brute.useraspass=false,brute.emptypass=false,brute.threads=1,brute.start=1';
      // The plus sign: on this port whatever Nmap's own table calls it.
      return [
        '-Pn',
        '-n',
        '-sT',
        '-p',
        `${port}`,
        '--script',
        `+${script}`,
        '--script-args',
        `${files},${more}`,
        address,
      ];
    },
  },
];

export const isThere = ({ file }: OddPeer): boolean => existsSync(file);

export function versionOf({ file, version }: OddPeer): string {
  const { stdout, stderr } = spawnSync(file, version.args, { encoding: 'utf8', timeout: 10_000 });
  return version.reads.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown';
}
