/** `notice isp ask`: one question to the ISP's own logs. */
import { Command } from 'commander';
import { identify } from '../isp/assignment/identify.ts';
import { openAssignments } from '../isp/assignment/index.ts';
import { loadPools } from '../isp/assignment/pools.ts';
import { isOpenSpace, spaceOf } from '../mandate/special-space.ts';
import { parseIpv4 } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import { type Instant, instantOf, isoOf } from '../record/instant.ts';
import { say } from './say.ts';

export function instant(text: string, option: string): Instant {
  const at = instantOf(text);
  if (at === undefined)
    throw new Fault(
      'usage',
      `${option} "${text}" is no instant`,
      'write it with a zone, such as 2026-11-22T10:30:00+09:00',
    );
  return at;
}

interface AskOptions {
  readonly dir: string;
  readonly pools: string;
  readonly address: string;
  readonly port: string;
  readonly at: string;
  readonly clockErrorMs: string;
  readonly json?: boolean;
}

function ask(options: AskOptions): void {
  const address = parseIpv4(options.address);
  if (address === undefined)
    throw new Fault('usage', `"${options.address}" is no IPv4 address`, 'write it such as 192.0.2.1');
  if (!/^\d{1,5}$/.test(options.port) || Number(options.port) > 65_535)
    throw new Fault('usage', `"${options.port}" is no port`, 'write a number from 0 to 65535');
  if (!/^\d{1,8}$/.test(options.clockErrorMs))
    throw new Fault('usage', `"${options.clockErrorMs}" is no number of milliseconds`, 'write such as 1000');
  const at = instant(options.at, '--at');
  // A tool that says who had an address would be one for watching people; findings come in verified bundles.
  if (!isOpenSpace(spaceOf(address)))
    throw new Fault(
      'mandate-refused',
      "this address is somebody's: it may be asked about only by a finding in a verified bundle",
      'let notice isp pull ask; by hand only loopback, private and documentation addresses are answered',
    );
  const index = openAssignments(options.dir, loadPools(options.pools));
  const answer = identify(index, {
    address: options.address,
    port: Number(options.port),
    at,
    clockErrorMs: Number(options.clockErrorMs),
  });
  say(options.json, { ...answer, address: options.address, port: Number(options.port), at: isoOf(at) }, [
    `${answer.verdict}${answer.subscriber === undefined ? '' : `: line ${answer.subscriber}`}`,
    `  ${answer.why}.`,
    ...(answer.verdict === 'log_pending' ? ['  It is asked again when a newer log is imported.'] : []),
  ]);
}

export function askCommand(): Command {
  return new Command('ask')
    .description('which line held an address and port at an instant, and why or why not')
    .requiredOption('--dir <dir>', 'folder of the index')
    .requiredOption('--pools <file>', "JSON list of the ISP's pools")
    .requiredOption('--address <address>', 'IPv4 address')
    .requiredOption('--port <port>', 'port the finding names')
    .requiredOption('--at <instant>', 'instant with a zone')
    .option('--clock-error-ms <ms>', "how far the finding's clock may be off", '1000')
    .option('--json', 'one record for machines')
    .addHelpText(
      'after',
      '\nExample:\n  notice isp ask --dir logs --pools pools.json --address 127.64.0.9 --port 2323 --at 2026-11-22T10:30:00+09:00\n',
    )
    .action(ask);
}
