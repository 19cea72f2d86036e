/** `notice identify`: what devices say, as NDJSON in; who they are, as NDJSON out. Nothing is sent anywhere. */
import { Command } from 'commander';
import { z } from 'zod';
import { PROTOCOLS } from '../record/glossary.ts';
import { firmwareState } from '../survey/firmware/state.ts';
import { identify } from '../survey/identify/identify.ts';
import { challengeOf } from '../survey/probe/http/auth.ts';
import { titleOf } from '../survey/probe/http/page.ts';
import { failOnBad, readNdjson } from './ndjson.ts';

const shape = z.object({
  protocol: z.enum(PROTOCOLS),
  ref: z.union([z.string().max(256), z.number()]).optional(),
  /** Telnet: the greeting as shown. SSH: the identification string. FTP: the reply that opens the connection. */
  banner: z.string().optional(),
  /** HTTP: header fields, or what they say. */
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  realm: z.string().optional(),
  server: z.string().optional(),
  title: z.string().optional(),
});

function saidBy(record: z.infer<typeof shape>) {
  const { protocol, banner, headers = {}, body } = record;
  const field = (name: string) => Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const challenge = field('www-authenticate');
  return {
    protocol,
    telnet: protocol === 'telnet' ? banner : undefined,
    ssh: protocol === 'ssh' ? banner : undefined,
    ftp: protocol === 'ftp' ? banner : undefined,
    realm: record.realm ?? (challenge === undefined ? undefined : challengeOf([challenge])?.realm),
    server: record.server ?? field('server'),
    title: record.title ?? (body === undefined ? undefined : titleOf(body)),
  };
}

export function identifyCommand(): Command {
  return new Command('identify')
    .description('Name vendor, model and firmware from what a device says.')
    .option('--json', 'NDJSON on stdout, which it always is')
    .addHelpText(
      'after',
      `
In, one JSON object a line: {"protocol":"telnet","banner":"..."} (so also ssh and ftp) or
{"protocol":"http","headers":{"Server":"..."},"body":"..."}, or realm, server and title by name; a "ref" comes back.
"deceptive" is a hint that it may be a decoy, no more.

Example:
  echo '{"protocol":"http","server":"TN-1600/FW 1.04.12"}' | notice identify
`,
    )
    .action(async () => {
      const { records, bad } = readNdjson(process.stdin, 'stdin', shape);
      for await (const { line, value } of records) {
        const { device, offLimits, deceptive } = identify(saidBy(value));
        const state = { firmwareState: firmwareState(device), offLimits, deceptive };
        const row = { ref: value.ref ?? line, ...device, ...state };
        process.stdout.write(`${JSON.stringify(row)}\n`);
      }
      failOnBad('stdin', bad());
    });
}
