/**
 * One data record. In: its bytes and its template. Out: the values of the elements that are read; the rest is stepped over by
 * its length alone.
 */
import type { Element } from './elements.ts';
import { type Template, VARIABLE } from './template.ts';

/** Numbers; the IPv6 address as a bigint. */
export interface Values {
  readonly number: Readonly<Partial<Record<Element, number>>>;
  readonly inside6: bigint | undefined;
  readonly end: number;
}

/** Big-endian, 1 to 8 bytes; beyond 2^53 not exact, which no element here reaches. */
function numberAt(view: DataView, at: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value = value * 256 + view.getUint8(at + i);
  return value;
}

/** Undefined when the record does not fit between `at` and `to`. */
export function recordAt(view: DataView, at: number, to: number, { fields }: Template): Values | undefined {
  const number: Partial<Record<Element, number>> = {};
  let inside6: bigint | undefined;
  let next = at;
  for (const field of fields) {
    let length = field.length;
    if (length === VARIABLE) {
      // RFC 7011 §7: one byte, or 255 and two.
      if (to - next < 1) return undefined;
      length = view.getUint8(next++);
      if (length === 255) {
        if (to - next < 2) return undefined;
        length = view.getUint16(next);
        next += 2;
      }
    }
    if (to - next < length) return undefined;
    if (field.element === 'inside6') inside6 = (view.getBigUint64(next) << 64n) | view.getBigUint64(next + 8);
    else if (field.element !== undefined) number[field.element] = numberAt(view, next, length);
    next += length;
  }
  return { number, inside6, end: next };
}

/** Past a record nothing of which is read. */
export function stepOver(view: DataView, at: number, to: number, template: Template): number | undefined {
  if (template.fixed) return at + template.least;
  return recordAt(view, at, to, { ...template, fields: template.fields.map(f => ({ ...f, element: undefined })) })?.end;
}
