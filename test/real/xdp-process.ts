/**
 * Ties an XDP program to an interface of the namespace it runs in, until its input ends: `syn-ack`, `rst` or `count`, then the
 * interface. Says `ready`, then its counters as a JSON line for every line it reads.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { answering, COUNTERS, counting } from './ebpf.ts';
import { attachXdp, makeMap, readMap } from './ebpf-system.ts';

const [what = '', device = ''] = process.argv.slice(2);
const map = makeMap(COUNTERS.bytes);
/** From ioctl-free /proc: sysfs shows the interfaces of the namespace it was mounted in, which is another. */
const index = Number(
  readFileSync('/proc/net/igmp', 'utf8')
    .split('\n')
    .map(line => /^(\d+)\s+(\S+)\s*:/.exec(line))
    .find(match => match?.[2] === device)?.[1],
);
if (!(index > 0)) throw new Error(`no interface ${device} here`);
attachXdp(what === 'count' ? counting(map) : answering(what === 'rst' ? 'rst' : 'syn-ack', map), index);
process.stdout.write('ready\n');
for await (const _ of createInterface({ input: process.stdin })) {
  const value = readMap(map, COUNTERS.bytes);
  const at = (offset: number) => Number(value.getBigUint64(offset, true));
  process.stdout.write(`${JSON.stringify({ answered: at(COUNTERS.answered), passed: at(COUNTERS.passed) })}\n`);
}
