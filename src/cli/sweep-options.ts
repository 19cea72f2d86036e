/** What is typed after `notice sweep`, and what it means: text in, checked values out, or a Fault('usage'). */
import { type Command, Option } from 'commander';
import { parseIpv4 } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import type { ReplyClass } from '../record/observation.ts';
import type { SweepDriver } from '../survey/sweep/sweep-options.ts';
import { type PaperOptions, paperOptions } from './paper-options.ts';

export interface SweepFlags extends PaperOptions {
  readonly driver: SweepDriver;
  readonly targets?: readonly string[];
  readonly ports?: string;
  readonly interface?: string;
  readonly source?: string;
  readonly canaries?: string;
  readonly passes: string;
  readonly passGap: string;
  readonly policy: 'at-least-once' | 'never-twice';
  readonly bypass?: boolean;
  readonly classes: string;
  readonly state: string;
  readonly json?: boolean;
}

export const REPLY_CLASSES: readonly ReplyClass[] = ['syn-ack', 'rst', 'icmp'];
const MOST_PASSES = 10;
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `30m`, `6h` as ms. */
export function spanOf(name: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (!(ms <= 31 * 24 * 3_600_000))
    throw new Fault('usage', `${name} ${text} is no time`, 'write it as 90s, 30m or 6h');
  return ms;
}

export function passesOf(text: string): number {
  const passes = Number(text);
  if (!/^\d{1,3}$/.test(text) || passes < 1 || passes > MOST_PASSES)
    throw new Fault('usage', `--passes ${text} is out of range`, `give a number from 1 to ${MOST_PASSES}`);
  return passes;
}

export function classesOf(text: string): ReadonlySet<ReplyClass> {
  const named = text.split(',').map(word => word.trim());
  const odd = named.find(word => !REPLY_CLASSES.some(known => known === word));
  if (odd !== undefined)
    throw new Fault('usage', `"${odd}" is no class of answer`, `choose among ${REPLY_CLASSES.join(',')}`);
  return new Set(REPLY_CLASSES.filter(known => named.includes(known)));
}

const RAW_ONLY = ['interface', 'source', 'canaries', 'bypass'] as const;

/** What cannot go together is said before anything is read or sent. */
export function checkTogether(flags: SweepFlags): void {
  const given = RAW_ONLY.filter(name => flags[name] !== undefined);
  const raw = [...given.map(name => `--${name}`), ...(flags.passes === '1' ? [] : ['--passes'])];
  const other = flags.driver === 'connect' ? '--driver connect' : flags.targets ? '--targets' : undefined;
  if (other !== undefined && raw.length > 0)
    throw new Fault('usage', `${raw.join(', ')} and ${other} do not go together`, `${raw[0]} is for raw frames`);
  if (flags.targets && (flags.driver === 'mmsg' || flags.driver === 'xdp'))
    throw new Fault(
      'usage',
      `the driver ${flags.driver} walks over ranges, not over a list`,
      'use auto, connect or dry with --targets',
    );
  if (flags.source !== undefined && parseIpv4(flags.source) === undefined)
    throw new Fault('usage', `--source ${flags.source} is no IPv4 address`, 'write it as 192.0.2.1');
}

export function sweepOptions(command: Command): Command {
  return paperOptions(command)
    .addOption(
      new Option('--driver <NAME>', 'mmsg and xdp send raw frames; connect needs no rights; dry sends nothing')
        .choices(['auto', 'mmsg', 'xdp', 'connect', 'dry'])
        .default('auto'),
    )
    .option('--targets <FILE...>', 'only the addresses of these lists, IPv6 or IPv4, one a line; always by connects')
    .option('--ports <LIST>', 'only these of the mandate’s ports, such as 23,80')
    .option('--interface <NAME>', 'where raw frames leave (default: as the routing table says)')
    .option('--source <ADDRESS>', 'from which address of it; the mandate must name it')
    .option('--canaries <FILE>', 'addresses and ports of your own that are up; which share answers is the recall')
    .option('--passes <N>', 'walk the round N times; a later pass skips what has answered', '1')
    .option('--pass-gap <TIME>', 'wait this long before each further pass: 90s, 30m, 6h', '0s')
    .addOption(
      new Option('--policy <NAME>', 'after a crash: ask the last second again, or never ask anyone twice')
        .choices(['at-least-once', 'never-twice'])
        .default('at-least-once'),
    )
    .option('--bypass', 'past the queues of the kernel: faster, and unseen by taps and filters of this machine')
    .option('--classes <LIST>', 'which answers to print: syn-ack,rst,icmp', 'syn-ack')
    .option('--state <DIR>', 'the folder for ledger, audit and record; an interrupted sweep goes on from it', '.notice')
    .option('--json', 'answers as NDJSON on stdout, progress as NDJSON on stderr');
}
