/**
 * A bundle: NDJSON (manifest, then one row a case) in an envelope. In: manifest and rows, or sealed bytes. Out: sealed
 * bytes and their digest, or what they hold. Rows this version does not know are named and left out, never guessed at.
 */
import type { SigningKey } from '../mandate/keys.ts';
import type { BundleManifest, BundleRow } from '../record/bundle.ts';
import { canonical } from '../record/canonical.ts';
import { sha256 } from '../record/digest.ts';
import { Fault } from '../record/fault.ts';
import type { TrustedKey } from '../record/mandate.ts';
import { openSealed, sealTo } from './envelope.ts';
import { manifestShape, rowShape } from './row-shape.ts';

/** `prev` of an ISP's first bundle. */
export const FIRST_PREV = '0'.repeat(64);
/** Rows in one bundle at most. */
export const BUNDLE_ROWS = 10_000;
/** Characters of one sealed bundle at most: 10,000 rows with their evidence were 26 MiB when measured; and room. */
export const BUNDLE_CHARS = 64 * 1024 * 1024;

export interface OpenedBundle {
  readonly manifest: BundleManifest;
  readonly rows: readonly BundleRow[];
  /** Hex SHA-256 of the sealed bytes; what the next bundle names as `prev`, and what the receipt says. */
  readonly digest: string;
  /** Rows left out: the line of the opened text, and why. */
  readonly rejected: readonly { readonly line: number; readonly why: string }[];
}

export const bundleText = (manifest: BundleManifest, rows: readonly BundleRow[]): string =>
  [manifest, ...rows].map(line => `${canonical(line)}\n`).join('');

export async function sealBundle(of: {
  readonly manifest: BundleManifest;
  readonly rows: readonly BundleRow[];
  /** Raw X25519 public key of the ISP, base64url. */
  readonly recipient: string;
  readonly signer: SigningKey;
}): Promise<{ sealed: string; digest: string }> {
  if (of.manifest.rows !== of.rows.length) throw new TypeError('the manifest counts other rows than there are');
  const sealed = await sealTo(bundleText(of.manifest, of.rows), of.recipient, of.signer);
  return { sealed, digest: sha256(sealed) };
}

/** Throws Fault when the envelope does not open or verify, or the manifest does not describe what came. */
export async function openBundle(
  sealed: string,
  recipient: SigningKey,
  trusted: readonly TrustedKey[],
): Promise<OpenedBundle> {
  if (sealed.length > BUNDLE_CHARS) throw new Fault('input', 'is larger than any bundle', 'ask the operator');
  return { ...readBundle(await openSealed(sealed, recipient, trusted)), digest: sha256(sealed) };
}

/** Reads opened text. The signer vouches for it, so a defect here is a difference of versions, not an attack. */
export function readBundle(text: string): Omit<OpenedBundle, 'digest'> {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Fault('input', 'the bundle ends in the middle of a line', 'ask the operator');
  const manifest = manifestShape.safeParse(json(lines[0] ?? ''));
  if (!manifest.success)
    throw new Fault('input', 'the bundle begins with no manifest this version knows', 'update notice', {
      where: 'line 1',
    });
  const rows: BundleRow[] = [];
  const rejected: { line: number; why: string }[] = [];
  const seen = new Set<string>();
  for (const [n, line] of lines.slice(1).entries()) {
    const row = rowShape.safeParse(json(line));
    const where = n + 2;
    if (!row.success) rejected.push({ line: where, why: wordsOf(row.error.issues[0]) });
    else if (seen.has(row.data.caseId)) rejected.push({ line: where, why: 'the case has a row already' });
    else {
      seen.add(row.data.caseId);
      rows.push(row.data);
    }
  }
  if (lines.length - 1 !== manifest.data.rows)
    throw new Fault(
      'input',
      `the manifest counts ${manifest.data.rows} rows, there are ${lines.length - 1}`,
      'ask the operator',
    );
  return { manifest: manifest.data, rows, rejected };
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const wordsOf = (issue: { path: PropertyKey[]; message: string } | undefined): string =>
  issue ? `${issue.path.map(String).join('.') || 'row'}: ${issue.message}` : 'not a row';

/** Where an ISP stands in its chain of bundles. */
export interface ChainEnd {
  readonly seq: number;
  readonly digest: string;
}

/**
 * next       follows the last one taken
 * repeated   was taken already: taking it again would change nothing
 * gap        one in between is missing; fetch that first
 * forked     claims a number or a predecessor that is not ours: the operator must explain it
 * other-isp  is for somebody else
 */
export type ChainVerdict = 'next' | 'repeated' | 'gap' | 'forked' | 'other-isp';

/** `last` is undefined before the first bundle. */
export function chainVerdict(
  isp: string,
  last: ChainEnd | undefined,
  opened: Pick<OpenedBundle, 'manifest' | 'digest'>,
): ChainVerdict {
  const { manifest, digest } = opened;
  if (manifest.isp !== isp) return 'other-isp';
  const end = last ?? { seq: 0, digest: FIRST_PREV };
  if (manifest.seq > end.seq + 1) return 'gap';
  if (manifest.seq === end.seq + 1) return manifest.prev === end.digest ? 'next' : 'forked';
  return manifest.seq < end.seq || digest === end.digest ? 'repeated' : 'forked';
}
