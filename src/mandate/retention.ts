/**
 * The retention table (invariant 9): every datum with its purpose and its greatest age in days. Whoever stores a datum
 * reads its age from here, and a test advances the clock and searches the stores. `counted` says from when the age runs.
 */
export type Compartment = 'centre' | 'web' | 'isp' | 'prober';

export interface Retention {
  readonly datum: string;
  readonly compartment: Compartment;
  /** In the store; absent for files. */
  readonly table?: string;
  /** The column of ms UTC that the age runs from. */
  readonly counted?: string;
  /** Only this column is erased; absent: the row goes. */
  readonly column?: string;
  readonly purpose: string;
  /** Greatest age. 0: gone as soon as its purpose is served. */
  readonly days: number;
}

export const RETENTION: readonly Retention[] = [
  {
    datum: 'clean observations',
    compartment: 'centre',
    table: 'observation',
    counted: 'at',
    purpose: 'to tell "fixed" from "not seen" in the next round, and to count',
    days: 30,
  },
  {
    datum: 'sealed findings',
    compartment: 'centre',
    table: 'finding',
    counted: 'at',
    purpose: 'to hand a case over again while it is open',
    days: 180,
  },
  {
    datum: 'closed cases',
    compartment: 'centre',
    table: 'case',
    counted: 'closed_at',
    purpose: 'to recognise a device that returns',
    days: 90,
  },
  {
    datum: 'which pair matched',
    compartment: 'centre',
    table: 'matched_pair',
    purpose: 'to re-check with the pair that worked; erased when the case closes',
    days: 0,
  },
  {
    datum: 'bundles handed over',
    compartment: 'centre',
    table: 'bundle',
    counted: 'created_at',
    column: 'sealed',
    purpose:
      'to settle disputes once it is acknowledged; only the bytes go, so that the chain can be checked. One that nobody fetched goes with the findings in it',
    days: 90,
  },
  {
    datum: 'alert codes',
    compartment: 'web',
    table: 'code',
    counted: 'updated_at',
    purpose: 'to show an owner the page of a case while it is open; the age runs once it is closed',
    days: 90,
  },
  {
    datum: "visitors' addresses",
    compartment: 'web',
    table: 'recheck',
    counted: 'asked_at',
    column: 'visitor',
    purpose: 'to make sure that only the same line can ask for a re-check; erased when decided',
    days: 1,
  },
  {
    datum: 're-checks',
    compartment: 'web',
    table: 'recheck',
    counted: 'asked_at',
    purpose: 'to show the owner the result',
    days: 90,
  },
  {
    datum: 'telephone numbers',
    compartment: 'web',
    table: 'inquiry',
    counted: 'opened_at',
    column: 'callback',
    purpose: 'to call back',
    days: 30,
  },
  {
    datum: 'inquiries',
    compartment: 'web',
    table: 'inquiry',
    counted: 'opened_at',
    purpose: 'to answer a second call about the same matter',
    days: 90,
  },
  {
    datum: 'disputes',
    compartment: 'web',
    table: 'dispute',
    counted: 'told_at',
    purpose: 'to tell the ISP that an owner says "this is not mine"; case and day, nobody\'s words',
    days: 90,
  },
  {
    datum: 'assignments',
    compartment: 'isp',
    counted: 'end of the interval',
    purpose: 'to say whose line it was at the instant of a finding',
    days: 180,
  },
  {
    datum: "an ISP's closed cases",
    compartment: 'isp',
    table: 'case',
    counted: 'closed_at',
    purpose: 'to answer the customer who asks about an alert',
    days: 90,
  },
  {
    datum: 'verdicts',
    compartment: 'isp',
    counted: 'at',
    purpose: 'to show later what was asked and answered; digests and case numbers, no address and no line',
    days: 365,
  },
  {
    datum: 'incidents',
    compartment: 'isp',
    table: 'incident',
    counted: 'opened_at',
    purpose: 'to find out why somebody was alerted wrongly; the age runs once a person has decided',
    days: 180,
  },
  {
    datum: 'alert recipients',
    compartment: 'isp',
    table: 'alert',
    column: 'delivered_to',
    purpose: 'to follow bounces; erased when the case closes',
    days: 0,
  },
  {
    datum: 'ended alerts',
    compartment: 'isp',
    table: 'alert',
    counted: 'due_at',
    purpose: 'to keep the caps and to answer the customer',
    days: 90,
  },
  {
    datum: 'letters',
    compartment: 'isp',
    counted: 'hand-over',
    purpose: 'to be printed and posted; destroyed at once when the case closes',
    days: 30,
  },
  {
    datum: 'spool',
    compartment: 'prober',
    counted: 'beginning of the round',
    purpose: 'to hand observations and sealed findings to the centre again after a crash',
    days: 30,
  },
  {
    datum: 'finished rounds',
    compartment: 'prober',
    counted: 'beginning of the round',
    purpose: 'to answer an order given twice without surveying twice; order, ledger and counts, no address',
    days: 90,
  },
  {
    datum: 'journals of probes',
    compartment: 'prober',
    counted: 'beginning of the round',
    purpose: 'to skip what a command that is started again has done; services are keyed digests',
    days: 31,
  },
  {
    datum: 'orders of re-checks',
    compartment: 'prober',
    counted: 'askedAt',
    purpose: 'to probe the one address that asked; removed when it is answered or nobody waits any more',
    days: 1,
  },
  {
    datum: 'answers to re-checks',
    compartment: 'prober',
    counted: 'askedAt',
    purpose: 'to tell the centre; removed when it has read them',
    days: 1,
  },
  {
    datum: 'budget of tries',
    compartment: 'prober',
    purpose: 'to keep the daily caps across restarts; devices are keyed hashes',
    days: 2,
  },
  {
    datum: 'devices tried before',
    compartment: 'prober',
    counted: 'the last try',
    purpose:
      'to keep the cap of a round over its days, and to tell the first pair a device ever had from an n-th; keyed hashes and counts',
    days: 40,
  },
  {
    datum: 'hits without a control',
    compartment: 'prober',
    purpose: 'to go on with the control at the next check instead of trying pairs again; keyed hashes only',
    days: 40,
  },
  {
    datum: 'attempts opened',
    compartment: 'prober',
    purpose: 'to show an auditor what an entry of the audit log stands for; encrypted, and dropped by the day',
    days: 30,
  },
];

/** The greatest age of a datum of the table. Throws RangeError for a name that is not in it. */
export function daysKept(datum: string): number {
  const row = RETENTION.find(r => r.datum === datum);
  if (!row) throw new RangeError(`no retention is set for ${datum}`);
  return row.days;
}
