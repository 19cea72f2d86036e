/** `notice isp approve`: write the paper for one question by hand, or put the second signature under it. */
import { existsSync, renameSync } from 'node:fs';
import { Command, Option } from 'commander';
import { readJson, shaped } from '../mandate/json-file.ts';
import { readKey, signBody } from '../mandate/keys.ts';
import { DAY, isoOf } from '../record/instant.ts';
import { APPROVERS, type Approval, type ApprovalBody, type Approver, approvalShape } from './isp-approval.ts';
import { instant, placeOption, portOption } from './isp-ask-options.ts';
import { writePaper } from './mandate-keys.ts';
import { say } from './say.ts';

interface Options {
  readonly address: string;
  readonly port: string;
  readonly at: string;
  readonly reason: string;
  readonly expires?: string;
  readonly as: Approver;
  readonly key: string;
  readonly json?: boolean;
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A paper that is there already is signed as it stands; its words are shown, so that nobody signs what they have not read. */
function approve(file: string, options: Options): void {
  const key = readKey(options.key);
  const there = existsSync(file) ? readJson(file, 'input', 'name a paper made by notice isp approve') : undefined;
  const paper: Approval = there ? shaped(approvalShape, there, 'an approval', 'start a new one') : drafted(options);
  const { body } = paper;
  const others = paper.signatures.filter(s => s.by !== options.as);
  const signed: Approval = { body, signatures: [...others, { ...signBody(body, options.as, key), by: options.as }] };
  if (there) {
    writePaper(`${file}.new`, pretty(signed), 'w');
    renameSync(`${file}.new`, file);
  } else writePaper(file, pretty(signed));
  const missing = APPROVERS.filter(role => !signed.signatures.some(s => s.by === role));
  say(options.json, { file, body, missing }, [
    `${file}: ${body.address} port ${body.port} at ${body.at}, until ${body.expires}`,
    `  because: ${body.reason}`,
    missing.length > 0 ? `  still to be signed by the ${missing.join(' and the ')}` : '  signed by both',
  ]);
}

const drafted = (options: Options): Approval => {
  const at = instant(options.at, '--at');
  const expires = options.expires === undefined ? Date.now() + DAY : instant(options.expires, '--expires');
  const body: ApprovalBody = {
    format: 'notice-isp-approval/1',
    address: placeOption(options.address).text,
    port: portOption(options.port),
    at: isoOf(at),
    reason: options.reason.trim(),
    expires: isoOf(expires),
  };
  return { body, signatures: [] };
};

export function approveCommand(): Command {
  return new Command('approve')
    .description('write or sign the paper that lets one question be asked by hand; needs the asker and the lead')
    .argument('<file>', 'the paper; signed as it stands when it is there')
    .requiredOption('--address <address>', 'IPv4 or IPv6 address')
    .requiredOption('--port <port>', 'port')
    .requiredOption('--at <instant>', 'instant with a zone')
    .requiredOption('--reason <words>', 'why it must be asked; it is kept')
    .option('--expires <instant>', 'until when it may be asked, a week ahead at most', undefined)
    .addOption(new Option('--as <who>', 'in which part').choices(APPROVERS).makeOptionMandatory())
    .requiredOption('--key <file>', 'the private key that signs')
    .option('--json', 'one record for machines')
    .addHelpText(
      'after',
      '\nExample:\n  notice isp approve paper.json --address 192.0.2.1 --port 8080 --at 2026-11-22T10:30:00+09:00 --reason "ticket 4711, customer rang" --as asker --key me.key.json\n',
    )
    .action(approve);
}
