/**
 * Templates of one exporter: how its records are laid out (RFC 7011 §3.4, §8; RFC 3954 §5 for NetFlow v9). In: the bytes of
 * template sets. Out: per template, where the elements lie that are read. Bounded in number and size; never throws.
 */
import { BY_NUMBER, type Element, LENGTHS } from './elements.ts';

export interface FieldAt {
  /** Undefined for what is stepped over. */
  readonly element: Element | undefined;
  /** 65535: the record says how long. */
  readonly length: number;
}

export interface Template {
  readonly fields: readonly FieldAt[];
  /** The shortest a record can be; never 0. */
  readonly least: number;
  /** Whether every record is as long. */
  readonly fixed: boolean;
  /** Describes the exporter, not what it saw. */
  readonly isOptions: boolean;
  /** Why its records cannot be used. */
  readonly unusable: string | undefined;
}

export const VARIABLE = 65_535;
const MOST_TEMPLATES = 4_096;
const LONGEST_RECORD = 65_515;
const MOST_FIELDS = 1_024;
const ENTERPRISE = 0x8000;
const FIRST_ID = 256;

export interface Templates {
  get(domain: number, id: number): Template | undefined;
  /** One set; gives the records in it, and why some cannot be used. */
  takeSet(view: DataView, from: number, to: number, set: TemplateSet): readonly string[];
  save(): unknown;
}

export interface TemplateSet {
  readonly domain: number;
  readonly isOptions: boolean;
  readonly version: 9 | 10;
}

export function makeTemplates(saved?: unknown): Templates {
  const all = new Map<number, Map<number, Template>>();
  let held = 0;

  function put(domain: number, id: number, template: Template): void {
    const own = all.get(domain) ?? new Map<number, Template>();
    all.set(domain, own);
    if (!own.has(id)) held++;
    own.set(id, template);
  }

  function withdraw(domain: number, id: number, isOptions: boolean): void {
    const own = all.get(domain);
    if (!own) return;
    // RFC 7011 §8.1: the number of the set itself stands for all its templates.
    const gone = id >= FIRST_ID ? [id] : [...own].filter(([, t]) => t.isOptions === isOptions).map(([one]) => one);
    for (const one of gone) if (own.delete(one)) held--;
  }

  function take(domain: number, id: number, { fields }: Layout, isOptions: boolean): string | undefined {
    if (id < FIRST_ID) return 'a template has the number of a set';
    if (fields.length > MOST_FIELDS) return `a template has more than ${MOST_FIELDS} fields`;
    if (held >= MOST_TEMPLATES && !all.get(domain)?.has(id)) return `there are more than ${MOST_TEMPLATES} templates`;
    const template = templateOf(fields, isOptions);
    if (template.least === 0) return 'a template describes records of no length';
    if (template.least > LONGEST_RECORD) return 'a template describes records longer than a message';
    put(domain, id, template);
    return template.unusable;
  }

  if (isSaved(saved)) for (const [domain, id, template] of saved) put(domain, id, template);
  return {
    get: (domain, id) => all.get(domain)?.get(id),
    takeSet(view, from, to, set) {
      const refused: string[] = [];
      let at = from;
      while (to - at >= 4) {
        const id = view.getUint16(at);
        const count = view.getUint16(at + 2);
        if (id === 0 && count === 0) break;
        if (count === 0 && set.version === 10) {
          withdraw(set.domain, id, set.isOptions);
          at += 4;
          continue;
        }
        const read = layoutAt(view, at, to, set);
        if (!read) {
          refused.push('a template is cut off');
          break;
        }
        at = read.end;
        const why = take(set.domain, id, read, set.isOptions);
        if (why !== undefined) refused.push(why);
      }
      return refused;
    },
    save: () => [...all].flatMap(([domain, own]) => [...own].map(([id, template]) => [domain, id, template])),
  };
}

const isSaved = (saved: unknown): saved is [number, number, Template][] => Array.isArray(saved);

interface Layout {
  readonly fields: readonly FieldAt[];
  readonly end: number;
}

function layoutAt(view: DataView, at: number, to: number, { isOptions, version }: TemplateSet): Layout | undefined {
  // Options of v9 give the lengths of scope and fields in bytes, those of IPFIX their numbers.
  const bytes = isOptions && version === 9;
  const head = isOptions ? 6 : 4;
  if (to - at < head) return undefined;
  const count = bytes ? (view.getUint16(at + 2) + view.getUint16(at + 4)) / 4 : view.getUint16(at + 2);
  const fields: FieldAt[] = [];
  let next = at + head;
  for (let i = 0; i < count; i++) {
    if (to - next < 4) return undefined;
    const number = view.getUint16(next);
    const length = view.getUint16(next + 2);
    next += 4;
    const isEnterprise = version === 10 && (number & ENTERPRISE) !== 0;
    if (isEnterprise) {
      if (to - next < 4) return undefined;
      next += 4;
    }
    fields.push({ element: isEnterprise || isOptions ? undefined : BY_NUMBER.get(number), length });
  }
  return { fields, end: next };
}

function templateOf(fields: readonly FieldAt[], isOptions: boolean): Template {
  const least = fields.reduce((sum, f) => sum + (f.length === VARIABLE ? 1 : f.length), 0);
  const fixed = fields.every(f => f.length !== VARIABLE);
  return { fields: merged(fields), least, fixed, isOptions, unusable: unusable(fields) };
}

/** Fields that are stepped over become one, so that a record costs no more than its bytes. */
function merged(fields: readonly FieldAt[]): FieldAt[] {
  const out: { element: Element | undefined; length: number }[] = [];
  for (const { element, length } of fields) {
    const before = out.at(-1);
    const joins = element === undefined && length !== VARIABLE;
    if (joins && before && before.element === undefined && before.length !== VARIABLE) before.length += length;
    else if (!joins || length > 0) out.push({ element, length });
  }
  return out;
}

function unusable(fields: readonly FieldAt[]): string | undefined {
  const read = fields.map(f => f.element).filter(element => element !== undefined);
  if (new Set(read).size < read.length) return 'a template has an element twice that is read';
  for (const { element, length } of fields) {
    if (element === undefined) continue;
    const exact = LENGTHS[element];
    if (exact === undefined ? length < 1 || length > 8 : length !== exact)
      return 'a template gives an element a length it cannot have';
  }
  const speaksOfPorts = read.includes('outside') && (read.includes('port') || read.includes('rangeFrom'));
  return speaksOfPorts && !read.includes('natEvent') ? 'a template of translations has no natEvent' : undefined;
}
