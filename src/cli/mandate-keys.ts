/** `notice mandate keys` and `trust`: make key pairs, and pin the public halves that were handed over. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { SigningKey } from '../mandate/keys.ts';
import { makeSealingKey, makeSigningKey, publicTextOf, readPublicKey, writeKey } from '../mandate/keys.ts';
import { ISP_ID } from '../mandate/shapes.ts';
import { loadTrust } from '../mandate/trust.ts';
import { parsePrefix } from '../record/address.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { Trust, TrustedKey } from '../record/mandate.ts';
import { say } from './say.ts';

/** For an option that may be repeated. */
export const collect = (value: string, all: string[] = []): string[] => [...all, value];

/** Writes a file that people sign or hand over; `wx` unless it may be replaced. */
export function writePaper(file: string, text: string, flag: 'wx' | 'w' = 'wx'): void {
  try {
    writeFileSync(file, text, { flag });
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'EEXIST')
      throw new Fault('input', 'is there already', 'name another file, or move that one away', { where: file });
    throw fileFault(thrown, file);
  }
}

export function insistIsp(id: string): void {
  if (!ISP_ID.test(id)) throw new Fault('usage', `"${id}" is no ISP id`, 'use a short lower-case name such as isp-a');
}

/** These sign; only an ISP is also sealed to. */
const SIGNERS: readonly string[] = ['operator', 'authority', 'centre', 'prober'];

export function keysCommand(): Command {
  return new Command('keys')
    .description('Make the keys of one party in a folder: operator, authority, centre, prober, or an ISP.')
    .argument('<dir>', 'folder for NAME.key.json (secret, mode 0600) and NAME.pub.json (to hand over)')
    .requiredOption('--for <name>', 'operator, authority, centre, prober, or the id of an ISP')
    .option('--json', 'one JSON line a key')
    .addHelpText('after', '\nExample:\n  notice mandate keys keys --for isp-a\n')
    .action((dir: string, options: { for: string; json?: boolean }) => {
      const name = options.for;
      const isIsp = !SIGNERS.includes(name);
      if (isIsp) insistIsp(name);
      try {
        mkdirSync(dir, { recursive: true, mode: 0o700 });
      } catch (thrown) {
        throw fileFault(thrown, dir);
      }
      const made: [string, SigningKey][] = [[name, makeSigningKey()]];
      if (isIsp) made.push([`${name}.sealing`, makeSealingKey()]);
      for (const [file, key] of made) {
        writeKey(join(dir, `${file}.key.json`), key);
        writePaper(join(dir, `${file}.pub.json`), publicTextOf(key));
        const record = { for: name, file: join(dir, `${file}.key.json`), key: key.key, publicKey: key.publicKey };
        say(options.json, record, [
          `${join(dir, `${file}.key.json`)}: secret, stays here`,
          `${join(dir, `${file}.pub.json`)}: hand this over; read its id ${key.key} aloud when you do`,
        ]);
      }
    });
}

interface TrustOptions {
  readonly operator: string[];
  readonly authority: string[];
  readonly isp: string[];
  readonly within: string[];
  readonly out: string;
  readonly json?: boolean;
}

export function trustCommand(): Command {
  return new Command('trust')
    .description('Write the trust file: whose signatures count, and the widest space they may name.')
    .requiredOption('--operator <file>', "the operator's public key; may be repeated", collect)
    .requiredOption('--authority <file>', "the authority's public key; may be repeated", collect)
    .requiredOption('--isp <id=file>', "an ISP's public signing key; may be repeated", collect)
    .requiredOption(
      '--within <prefix>',
      'no paper under this trust may name anything outside; may be repeated',
      collect,
      [],
    )
    .requiredOption('--out <file>', 'where to write it')
    .option('--json', 'one JSON line')
    .addHelpText(
      'after',
      '\nExample:\n  notice mandate trust --operator operator.pub.json --authority authority.pub.json --isp isp-a=isp-a.pub.json --within 192.0.2.0/24 --out trust.json\n',
    )
    .action((options: TrustOptions) => {
      const isps: Record<string, TrustedKey[]> = {};
      for (const text of options.isp) {
        const cut = text.indexOf('=');
        const id = text.slice(0, Math.max(0, cut));
        insistIsp(id);
        isps[id] = [...(isps[id] ?? []), readPublicKey(text.slice(cut + 1), 'Ed25519')];
      }
      for (const text of options.within)
        if (!parsePrefix(text)) throw new Fault('usage', `"${text}" is no prefix`, 'write it such as 192.0.2.0/24');
      const pins = (files: readonly string[]) => files.map(file => readPublicKey(file, 'Ed25519'));
      const trust: Trust = {
        format: 'notice-trust/1',
        operator: pins(options.operator),
        authority: pins(options.authority),
        isps,
        within: options.within,
      };
      writePaper(options.out, `${JSON.stringify(trust, null, 2)}\n`);
      loadTrust(options.out);
      say(options.json, { file: options.out, isps: Object.keys(isps) }, [
        `${options.out}: pins ${Object.keys(isps).length} ISP(s), nothing beyond ${options.within.join(', ')}`,
      ]);
    });
}
