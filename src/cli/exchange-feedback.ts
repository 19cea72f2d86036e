/** `notice exchange feedback`: signs what became of cases and posts it to the centre. Sending it again changes nothing. */

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { ExchangeClient } from '../exchange/client.ts';
import { caseId } from '../exchange/row-shape.ts';
import { curveOf, readKey } from '../mandate/keys.ts';
import { IDENTIFICATION_VERDICTS } from '../record/assignment.ts';
import { ACTION_CODES } from '../record/bundle.ts';
import { Fault, fileFault } from '../record/fault.ts';
import { insistIsp } from './mandate-keys.ts';
import { failOnBad, readNdjson } from './ndjson.ts';
import { say } from './say.ts';

const item = z.strictObject({
  caseId,
  revision: z.int().min(1).max(1_000_000),
  verdict: z.enum(IDENTIFICATION_VERDICTS),
  action: z.enum(ACTION_CODES),
  day: z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be a day such as 2026-11-22'),
});

interface Options {
  readonly url: string;
  readonly isp: string;
  readonly key: string;
  readonly json?: boolean;
}

async function send(file: string, options: Options): Promise<void> {
  insistIsp(options.isp);
  if (!/^https?:\/\/[^/]+\/?$/.test(options.url))
    throw new Fault('usage', `"${options.url}" is no centre`, 'write it such as http://127.0.0.1:8440');
  const key = readKey(options.key);
  if (curveOf(key) !== 'Ed25519')
    throw new Fault('input', 'is a sealing key', "name the ISP's signing key", { where: options.key });
  const input = createReadStream(file);
  await once(input, 'open').catch(thrown => {
    throw fileFault(thrown, file);
  });
  const { records, bad } = readNdjson(input, file, item);
  const items: z.infer<typeof item>[] = [];
  for await (const { value } of records) items.push(value);
  const clocks = { calendar: Date.now, monotonic: () => performance.now() };
  const client = new ExchangeClient({ baseUrl: options.url, isp: options.isp, key, clocks, fetch });
  const answer = await client.feedback(items);
  say(options.json, { ...answer }, [
    `${answer.stored} taken, ${answer.repeated} known already, ${answer.conflicting} differ from what was said before, ${answer.unknown} about cases not handed to ${options.isp}`,
  ]);
  failOnBad(file, bad());
  if (answer.conflicting + answer.unknown > 0)
    throw new Fault('input', 'not everything was taken', 'raise the revision of what differs; drop what is not yours', {
      where: file,
    });
}

export function feedbackCommand(): Command {
  return new Command('feedback')
    .description('Sign feedback, one JSON object a line, and post it to the centre.')
    .argument('<file>', '{"caseId","revision","verdict","action","day"}; never a subscriber')
    .requiredOption('--url <origin>', 'where the centre listens for ISPs')
    .requiredOption('--isp <id>', 'who says it')
    .requiredOption('--key <file>', "the ISP's signing key")
    .option('--json', 'one JSON line')
    .addHelpText(
      'after',
      '\nExample:\n  notice exchange feedback feedback.ndjson --url http://127.0.0.1:8440 --isp isp-a --key isp-a.key.json\n',
    )
    .action(send);
}
