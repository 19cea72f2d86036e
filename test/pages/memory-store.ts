/** The site's store over maps, for pages under test. It keeps what it was given and nothing else. */
import type { Inquiry } from '../../src/record/inquiry.ts';
import type { RecheckResult } from '../../src/record/recheck.ts';
import type { CodeRecord, PublishedMonth, RecheckRecord, SiteStore } from '../../src/site/store.ts';

export interface MemoryStore extends SiteStore {
  readonly codes: Map<string, CodeRecord>;
  readonly rechecks: Map<string, RecheckRecord & { visitor: string | null }>;
  readonly inquiries: Map<string, Inquiry>;
  readonly published: PublishedMonth[];
  /** Every hash that was looked up, in order. */
  readonly lookedUp: string[];
  decide(id: string, result: RecheckResult): void;
}

export function memoryStore(): MemoryStore {
  const codes: MemoryStore['codes'] = new Map();
  const rechecks: MemoryStore['rechecks'] = new Map();
  const inquiries: MemoryStore['inquiries'] = new Map();
  const published: PublishedMonth[] = [];
  const lookedUp: string[] = [];
  const kindOf = (caseId: string) => [...codes.values()].find(c => c.caseId === caseId)?.kind ?? null;
  return {
    codes,
    rechecks,
    inquiries,
    published,
    lookedUp,
    decide: (id, result) => {
      const asked = rechecks.get(id);
      if (!asked) throw new Error(`no re-check ${id}`);
      rechecks.set(id, { ...asked, state: 'done', result, decidedAt: asked.askedAt + 1000, visitor: null });
    },
    findCode: async hash => {
      lookedUp.push(hash);
      return codes.get(hash);
    },
    askRecheck: async ({ id, caseId, visitor, at }) => {
      const kind = kindOf(caseId);
      rechecks.set(id, { id, caseId, visitor, askedAt: at, state: 'asked', result: null, decidedAt: null, kind });
    },
    waitingRecheck: async (caseId, visitor) =>
      [...rechecks.values()].find(r => r.caseId === caseId && r.visitor === visitor && r.state !== 'done')?.id,
    recheck: async id => rechecks.get(id),
    openInquiry: async inquiry => {
      inquiries.set(inquiry.id, inquiry);
    },
    months: async () => [...published].sort((a, b) => (a.month < b.month ? 1 : -1)),
    month: async month => published.find(p => p.month === month),
  };
}
