/**
 * Hints of deception: what stock decoy servers say when nobody changed their settings. Data only, tried like the rules. A
 * hint is weak: the same words stand in honest releases too. It lowers trust where something else is in doubt already;
 * alone it is never a reason to report a device or to leave one out. The other hint is no text: one service that shows the
 * words of two products at once.
 */
import type { Field } from './rules.ts';

export interface Hint {
  readonly id: string;
  readonly field: Field;
  readonly pattern: RegExp;
  readonly examples: readonly string[];
  readonly counterExamples: readonly string[];
}

export const HINTS: readonly Hint[] = [
  {
    // The current default of the best-known SSH decoy (research §2.4). Debian 12 says so too.
    id: 'decoy-ssh-debian-12',
    field: 'ssh',
    pattern: /^SSH-2\.0-OpenSSH_9\.2p1 Debian-2\+deb12u3\s{0,2}$/,
    examples: ['SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3', 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'],
    counterExamples: ['SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7', 'SSH-2.0-OpenSSH_9.2', 'SSH-2.0-dropbear_2022.83'],
  },
  {
    // Its default for years before that.
    id: 'decoy-ssh-debian-7',
    field: 'ssh',
    pattern: /^SSH-2\.0-OpenSSH_6\.0p1 Debian-4\+deb7u2\s{0,2}$/,
    examples: ['SSH-2.0-OpenSSH_6.0p1 Debian-4+deb7u2'],
    counterExamples: ['SSH-2.0-OpenSSH_6.0p1 Debian-4+deb7u6', 'SSH-2.0-OpenSSH_6.0'],
  },
  {
    // Its predecessor's.
    id: 'decoy-ssh-debian-5',
    field: 'ssh',
    pattern: /^SSH-2\.0-OpenSSH_5\.1p1 Debian-5\s{0,2}$/,
    examples: ['SSH-2.0-OpenSSH_5.1p1 Debian-5'],
    counterExamples: ['SSH-2.0-OpenSSH_5.1p1 Debian-5ubuntu1', 'SSH-2.0-OpenSSH_5.1'],
  },
  {
    id: 'decoy-ftp-plain-welcome',
    field: 'ftp',
    pattern: /^220 Welcome to the ftp service\s{0,2}$/,
    examples: ['220 Welcome to the ftp service', '220 Welcome to the ftp service\r\n'],
    counterExamples: ['220 Welcome to the FTP Service.', '220 FTP server ready', '220-Welcome to the ftp service'],
  },
];
