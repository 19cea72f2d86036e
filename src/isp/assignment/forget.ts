/**
 * Forgets whose line it was longer ago than an instant. In: the folder of segments, the instant. Out: how many intervals
 * went. A segment that ended before goes whole; of one that reaches across, the intervals that ended before go, and its
 * coverage begins at the instant: about earlier times these logs are silent from then on, and not a proof of nobody.
 */
import { sha256 } from '../../record/digest.ts';
import type { Instant } from '../../record/instant.ts';
import { type Columns, FOREVER, makeBuilder } from './builder.ts';
import { dropSegments, readManifest, readSegment, type SegmentInfo, writeSegment } from './segment.ts';

export function forgetAssignments(dir: string, before: Instant): number {
  const old = readManifest(dir).filter(segment => segment.through < before);
  dropSegments(dir, before);
  let gone = old.reduce((sum, segment) => sum + segment.rows, 0);
  for (const segment of readManifest(dir)) if (segment.first < before) gone += shorten(dir, segment, before);
  return gone;
}

/** A segment with nothing so old stays as it is. */
function shorten(dir: string, segment: SegmentInfo, before: Instant): number {
  const { columns, subscribers } = readSegment(dir, segment);
  const kept = keptFrom(columns, subscribers, before);
  const gone = columns.rows - kept.columns.rows;
  if (gone === 0) return 0;
  const { rows: _rows, seal: _seal, ...info } = segment;
  const shorter = { ...info, first: before, digest: sha256(`${segment.digest} from ${before}`).slice(0, 32) };
  writeSegment(dir, shorter, kept.columns, kept.subscribers, older => older.digest === segment.digest);
  return gone;
}

const ms = (seconds: number): number => (seconds === FOREVER ? Number.POSITIVE_INFINITY : seconds * 1000);

function keptFrom(columns: Columns, subscribers: readonly string[], before: Instant) {
  const builder = makeBuilder();
  for (let i = 0; i < columns.rows; i++) {
    if (ms(columns.possibleTo[i]!) <= before) continue;
    const subscriber = subscribers[columns.subscriber[i]! - 1];
    builder.add(
      columns.address[i]!,
      columns.portFrom[i]!,
      columns.portTo[i]!,
      // Number 0 is somebody unknown, who has no name.
      subscriber === undefined ? 0 : builder.intern(subscriber),
      {
        possibleFrom: ms(columns.possibleFrom[i]!),
        sureFrom: ms(columns.sureFrom[i]!),
        sureTo: ms(columns.sureTo[i]!),
        possibleTo: ms(columns.possibleTo[i]!),
      },
    );
  }
  return builder.finish();
}
