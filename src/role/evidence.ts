/**
 * What becomes of one checked service: an observation without an address, and for each positive kind a finding whose
 * evidence exists only sealed to the responsible ISP. In: the check's result. Out: spool records.
 */
import type { Attributor } from '../attribution/consents.ts';
import type { SigningKey } from '../mandate/keys.ts';
import { parseIpv4 } from '../record/address.ts';
import { contentId, keyedHash } from '../record/digest.ts';
import type { Protocol } from '../record/glossary.ts';
import type { Evidence, SpoolRecord } from '../record/observation.ts';
import type { CheckResult } from '../survey/credential/check.ts';

export interface EvidenceKeys {
  /** Signs the evidence, so that an ISP can tell a prober's word from anybody's. */
  readonly signing: SigningKey;
  /** Recognises the same address next round; lives with probers and the dispatcher of re-checks, in no database. */
  readonly recognition: Uint8Array;
  /** Says which ISP answers for an address at the instant of the verdict, and the key its findings are sealed to. */
  readonly attribution: Attributor;
}

export interface CheckedService {
  readonly round: string;
  readonly shard: number;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** The largest error of our own clock that we vouch for, in ms; part of every finding. */
const CLOCK_ERROR_MS = 1_000;

export const lineKeyOf = (recognition: Uint8Array, address: string): string => keyedHash(recognition, 'line', address);

/** One id for one service in one round: a repeated check after a crash is the same observation. */
export const observationId = (service: CheckedService, lineKey: string): string =>
  contentId('observation', [service.round, lineKey, service.port, service.protocol]);

export async function recordsOf(
  service: CheckedService,
  result: CheckResult,
  keys: EvidenceKeys,
  catalogueVersion: string,
): Promise<SpoolRecord[]> {
  const { round, shard, address, port, protocol } = service;
  const lineKey = lineKeyOf(keys.recognition, address);
  const { at, device } = result;
  const responsible = keys.attribution.ispAtIpv4(parseIpv4(address) ?? -1, at);
  // Nobody answers for it at this instant, or two claim to: then nobody is told.
  if ('refused' in responsible) return [];
  const { isp } = responsible;
  const vendor = device.vendor ?? null;
  const model = device.model ?? null;
  const records: SpoolRecord[] = [
    {
      type: 'observation',
      observation: {
        id: observationId(service, lineKey),
        round,
        shard,
        lineKey,
        port,
        protocol,
        at,
        vendor,
        model,
        isp,
        catalogueVersion,
        reported: result.reported,
        prompt: result.prompt,
        firmwareState: result.firmwareState,
        clears: result.clears,
      },
    },
  ];
  for (const kind of result.kinds) {
    if (result.source === null) continue;
    const ruleCodes =
      kind === 'firmware' ? (['FIRMWARE'] as const) : kind === 'no-login' ? (['NO_AUTH'] as const) : result.ruleCodes;
    const evidence: Evidence = {
      format: 'notice-evidence/1',
      transport: 'tcp',
      clockErrorMs: CLOCK_ERROR_MS,
      kind,
      address,
      port,
      protocol,
      at,
      device,
      ruleCodes,
      catalogueVersion,
      source: result.source,
    };
    const id = contentId('finding', [round, lineKey, kind, port]);
    // Loaded with the first finding: most starts of a probe have a long way to it.
    const { sealTo } = await import('../exchange/envelope.ts');
    const sealed = await sealTo(JSON.stringify(evidence), responsible.sealing, keys.signing);
    records.push({
      type: 'finding',
      finding: { id, round, isp, kind, lineKey, port, protocol, at, vendor, model, ruleCodes, sealed },
    });
    if (kind === 'guessable' && result.ordinal !== null)
      records.push({ type: 'pair', pair: { findingId: id, catalogueVersion, ordinal: result.ordinal } });
  }
  return records;
}
