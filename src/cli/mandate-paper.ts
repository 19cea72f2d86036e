/** `notice mandate draft`, `consent` and `sign`: the papers themselves. Signing refuses what could never be valid. */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { Command, Option } from 'commander';
import { draftMandate } from '../mandate/draft.ts';
import { readJson, readText, shaped } from '../mandate/json-file.ts';
import { readKey, readPublicKey, signBody } from '../mandate/keys.ts';
import { checkCeilings, checkPorts } from '../mandate/rules.ts';
import { mandateShape } from '../mandate/shapes.ts';
import { parseAddress, parsePrefix } from '../record/address.ts';
import { digestOf, sha256 } from '../record/digest.ts';
import { Fault } from '../record/fault.ts';
import type { PoolKind, Protocol } from '../record/glossary.ts';
import { POOL_KINDS, PROTOCOLS } from '../record/glossary.ts';
import { instantOf, isoOf } from '../record/instant.ts';
import type { Consent, ConsentBody, Mandate, MandateBody } from '../record/mandate.ts';
import { collect, insistIsp, writePaper } from './mandate-keys.ts';
import { say } from './say.ts';

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export function instantArgument(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const at = instantOf(text);
  if (at === undefined)
    throw new Fault('usage', `"${text}" is no instant with its zone`, 'write it such as 2026-11-01T00:00:00Z');
  return at;
}

function prefixArgument(text: string): string {
  if (!parsePrefix(text)) throw new Fault('usage', `"${text}" is no prefix`, 'write it such as 192.0.2.0/24');
  return text;
}

interface DraftFlags {
  readonly id?: string;
  readonly isp: string[];
  readonly source: string[];
  readonly port: string[];
  readonly catalogue?: string;
  readonly from?: string;
  readonly to?: string;
  readonly published?: string;
  readonly out?: string;
}

type Members = { -readonly [Name in keyof MandateBody]?: MandateBody[Name] };

function draftFrom(flags: DraftFlags): MandateBody {
  const published = instantArgument(flags.published);
  const drafted = draftMandate({ at: published });
  const known: Members = {};
  if (flags.id !== undefined) known.id = flags.id;
  const instant = (text: string | undefined, otherwise: string) =>
    text === undefined ? otherwise : isoOf(instantArgument(text));
  known.period = { from: instant(flags.from, drafted.period.from), to: instant(flags.to, drafted.period.to) };
  if (flags.isp.length > 0)
    known.targets = flags.isp.map(text => {
      const [isp = '', prefixes = ''] = text.split('=');
      insistIsp(isp);
      return { isp, prefixes: prefixes.split(',').map(prefixArgument) };
    });
  if (flags.source.length > 0) {
    const wrong = flags.source.find(text => !parseAddress(text) && !parsePrefix(text));
    if (wrong !== undefined) throw new Fault('usage', `"${wrong}" is no address`, 'write it such as 192.0.2.1');
    known.sources = { ...drafted.sources, addresses: flags.source };
  }
  if (flags.port.length > 0)
    known.ports = flags.port.map(text => {
      const [port = '', protocol = ''] = text.split(':');
      if (!/^\d{1,5}$/.test(port) || !PROTOCOLS.includes(protocol as Protocol))
        throw new Fault(
          'usage',
          `"${text}" is no port`,
          `write it such as 23:telnet; protocols: ${PROTOCOLS.join(', ')}`,
        );
      return { port: Number(port), protocol: protocol as Protocol, acts: drafted.ports[0]?.acts ?? [] };
    });
  if (flags.catalogue !== undefined) {
    const text = readText(flags.catalogue, 'catalogue', 'name a file that exists');
    const { version } = readJson(flags.catalogue, 'catalogue').value as { version?: unknown };
    known.identifiers = {
      ...drafted.identifiers,
      ...(typeof version === 'string' ? { catalogueVersion: version } : {}),
      catalogueSha256: sha256(text),
    };
  }
  return draftMandate({ at: published, ...known });
}

export function draftCommand(): Command {
  return new Command('draft')
    .description('Write an unsigned mandate with cautious limits and FILL IN: where people must complete it.')
    .option('--id <name>', 'its name (default: mandate-YYYY-MM)')
    .option('--isp <id=prefixes>', 'a target, prefixes separated by commas; may be repeated', collect, [])
    .option('--source <address>', 'where probes come from; may be repeated', collect, [])
    .option('--port <port:protocol>', 'a service, such as 23:telnet; may be repeated', collect, [])
    .option('--catalogue <file>', 'the catalogue, whose hash is entered')
    .option('--published <instant>', 'when the sources were made public (default: now)')
    .option('--from <instant>', 'begin (default: the first midnight seven days after publication)')
    .option('--to <instant>', 'end (default: 31 days later)')
    .option('--out <file>', 'where to write it (default: stdout)')
    .addHelpText(
      'after',
      '\nExample:\n  notice mandate draft --isp isp-a=192.0.2.0/25,192.0.2.128/26 --source 198.51.100.7 --catalogue catalogue.json --out mandate.json\n',
    )
    .addOption(new Option('--json', 'one JSON line: the envelope'))
    .action((flags: DraftFlags & { json?: boolean }) => {
      const envelope: Mandate = { body: draftFrom(flags), signatures: [] };
      if (flags.out === undefined) {
        process.stdout.write(flags.json ? `${JSON.stringify(envelope)}\n` : pretty(envelope));
        return;
      }
      writePaper(flags.out, pretty(envelope));
      say(flags.json, { file: flags.out, id: envelope.body.id }, [
        `${flags.out}: complete every FILL IN:, then`,
        `  notice mandate sign ${flags.out} --key KEYFILE --as operator`,
      ]);
    });
}

interface ConsentFlags {
  readonly isp: string;
  readonly name?: string;
  readonly key: string;
  readonly sealing: string;
  readonly prefix: string[];
  readonly at?: string;
  readonly out: string;
  readonly json?: boolean;
}

export function consentCommand(): Command {
  return new Command('consent')
    .description("Sign an ISP's list of its own prefixes, good for 40 days.")
    .requiredOption('--isp <id>', "the ISP's id")
    .option('--name <text>', 'its name as people know it (default: the id)')
    .requiredOption('--key <file>', "the ISP's signing key")
    .requiredOption('--sealing <file>', 'the key findings are sealed to (its public part is enough)')
    .requiredOption(
      '--prefix <prefix:pool>',
      `a prefix and its pool: ${POOL_KINDS.join(', ')}; may be repeated`,
      collect,
      [],
    )
    .option('--at <instant>', 'date of signing (default: now)')
    .requiredOption('--out <file>', 'where to write it; an older list of this ISP there is replaced')
    .option('--json', 'one JSON line')
    .addHelpText(
      'after',
      '\nExample:\n  notice mandate consent --isp isp-a --key isp-a.key.json --sealing isp-a.sealing.pub.json --prefix 192.0.2.0/24:dynamic --out consents/isp-a.json\n',
    )
    .action((flags: ConsentFlags) => {
      insistIsp(flags.isp);
      const prefixes = flags.prefix.map(text => {
        const cut = text.lastIndexOf(':');
        const pool = text.slice(cut + 1) as PoolKind;
        if (!POOL_KINDS.includes(pool))
          throw new Fault('usage', `"${text}" names no pool`, `write PREFIX:POOL; pools: ${POOL_KINDS.join(', ')}`);
        return { prefix: prefixArgument(text.slice(0, cut)), pool };
      });
      const body: ConsentBody = {
        format: 'notice-consent/1',
        isp: flags.isp,
        displayName: flags.name ?? flags.isp,
        signedAt: isoOf(instantArgument(flags.at)),
        prefixes,
        sealing: readPublicKey(flags.sealing, 'X25519').publicKey,
      };
      readPublicKey(flags.key, 'Ed25519');
      const consent: Consent = { body, signatures: [signBody(body, flags.isp, readKey(flags.key))] };
      writePaper(flags.out, pretty(consent), 'w');
      say(flags.json, { file: flags.out, isp: flags.isp, signedAt: body.signedAt, digest: digestOf(body) }, [
        `${flags.out}: ${prefixes.length} prefix(es) of ${flags.isp}, good for 40 days from ${body.signedAt}`,
      ]);
    });
}

export function signCommand(): Command {
  return new Command('sign')
    .description('Add a signature to a mandate, replacing an earlier one in the same part.')
    .argument('<file>', 'the mandate')
    .requiredOption('--key <file>', 'the key to sign with')
    .addOption(new Option('--as <part>', 'in which part').choices(['operator', 'authority']).makeOptionMandatory())
    .option('--json', 'one JSON line')
    .addHelpText('after', '\nExample:\n  notice mandate sign mandate.json --key authority.key.json --as authority\n')
    .action((file: string, flags: { key: string; as: 'operator' | 'authority'; json?: boolean }) => {
      const json = readJson(file, 'mandate-unreadable');
      const mandate = shaped(mandateShape, json, 'a mandate', 'complete it before anyone signs');
      checkPorts(mandate.body, json.where);
      checkCeilings(mandate.body, json.where);
      readPublicKey(flags.key, 'Ed25519');
      const key = readKey(flags.key);
      if (mandate.signatures.some(s => s.by !== flags.as && s.key === key.key))
        throw new Fault('signature', 'this key has signed already, in another part', 'sign with a key of your own');
      const { body } = json.value as { body: MandateBody };
      const signatures = [...mandate.signatures.filter(s => s.by !== flags.as), signBody(body, flags.as, key)];
      const beside = `${file}.${randomBytes(4).toString('hex')}`;
      writePaper(beside, pretty({ body, signatures }));
      renameSync(beside, file);
      const digest = digestOf(body);
      const missing = (['operator', 'authority'] as const).filter(part => !signatures.some(s => s.by === part));
      say(flags.json, { file, as: flags.as, key: key.key, digest, missing }, [
        `${file}: signed as ${flags.as} with key ${key.key}; digest ${digest}`,
        missing.length > 0 ? `  the ${missing[0]} has still to sign` : `  notice mandate check ${file}`,
      ]);
    });
}
