/**
 * The dress rehearsal: months of a simulated country, surveyed for real over loopback sockets. In: options and a folder.
 * Out: what was found beside what was true. It can stop after any step; the journal says where to go on.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Fault, fileFault } from '../record/fault.ts';
import { DAY, dayOf, type Instant, monthOf, monthStart, nextMonth } from '../record/instant.ts';
import type { RoundProgress } from '../record/progress.ts';
import { freezeMonth } from '../role/centre-month.ts';
import { lockFolder } from '../role/lock.ts';
import { type Calendar, makeCalendar, workingHour } from './calendar.ts';
import { type DayReport, liveDay } from './day.ts';
import { type Devices, startDevices } from './devices/start.ts';
import { holdPorts } from './hold-ports.ts';
import { FIRST_MONTH, type Journal, lastMonth, type Options, readJournal, writeJournal } from './journal.ts';
import { judgeMonth } from './judge.ts';
import { peakMegabytes } from './memory.ts';
import { makeOwners, type Owners, type OwnersState } from './owners.ts';
import { keysIn, signConsents, writePaper } from './paper.ts';
import { choosePorts, freePort } from './ports.ts';
import { openProgramme, type Programme } from './programme.ts';
import { makeWorld, replayWorld, type World } from './world.ts';

export interface RehearseOptions {
  readonly options: Options;
  readonly folder: string;
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  /** The status line. */
  readonly status: (text: string) => void;
  readonly progress: (progress: RoundProgress) => void;
  /** One line that stays. */
  readonly note: (text: string) => void;
}

export interface Rehearsal {
  readonly journal: Journal;
  readonly world: World;
  readonly devices: Devices;
  readonly programme: Programme;
  readonly calendar: Calendar;
  /** Set once the months are over. */
  readonly complete: boolean;
  close(): Promise<void>;
}

/** Where the site listens if nobody else does; kept in the journal, because letters carry it. */
const FIRST_SITE_PORT = 8600;
/** The day of a month on which its round runs. */
const ROUND_DAY = 3;
/** Days after a round on which the ISPs have logs that reach past it. */
const LOGS_AFTER = 2;

/** Owners act on every so many days. */
const DEEDS_EVERY = 5;

const roundAt = (month: string): Instant => workingHour(monthStart(month), ROUND_DAY - 1);

export async function rehearse(o: RehearseOptions): Promise<Rehearsal> {
  const { folder, signal, note } = o;
  const unlock = lockFolder(folder);
  const started = performance.now();
  const closers: (() => Promise<void> | void)[] = [unlock];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    if (o.fresh) for (const part of PARTS) rmSync(join(folder, part), { recursive: true, force: true });
    const earlier = readJournal(folder, o.options);
    if (earlier)
      note(
        earlier.step === 'end'
          ? 'this rehearsal is complete; showing it again (--fresh starts over)'
          : `going on where it was interrupted: ${earlier.month}, ${earlier.step}`,
      );
    const journal = earlier ?? (await newJournal(o));
    const secondsBefore = journal.seconds;
    // The site listens only later: until then its port, too, is to be nobody else's.
    if ((await freePort(journal.sitePort)) !== journal.sitePort)
      throw new Fault(
        'port-taken',
        `port ${journal.sitePort} on 127.0.0.1, which this rehearsal's letters name, is taken by another program`,
        'end that program, or start over with --fresh',
      );
    closers.push(await holdPorts({ ...journal.ports, site: journal.sitePort }));

    const worldOptions = { ...o.options, ports: journal.ports, firstMonth: FIRST_MONTH };
    const world = earlier ? replayWorld(worldOptions, earlier.repairs, earlier.at) : makeWorld(worldOptions);
    const calendar = makeCalendar(Math.max(journal.at, roundAt(FIRST_MONTH)));
    world.advance(calendar.calendar());
    const devices = await startDevices(world);
    closers.push(() => devices.close());
    await devices.place();

    const keys = keysIn(folder, world.country);
    const site = `http://127.0.0.1:${journal.sitePort}`;
    const end = monthStart(nextMonth(lastMonth(journal.options.rounds)));
    writePaper({
      folder,
      country: world.country,
      keys,
      ports: journal.ports,
      from: monthStart(FIRST_MONTH),
      to: end + 400 * DAY,
      site,
    });
    const programme = await openProgramme({ folder, world, keys, calendar, sitePort: journal.sitePort });
    closers.push(() => programme.close());
    const owners = makeOwners(world, (journal.owners as OwnersState | null) ?? undefined);

    const save = (change: Partial<Journal>) => {
      Object.assign(journal, change, {
        at: calendar.calendar(),
        repairs: [...world.repairs],
        owners: owners.save(),
        seconds: secondsBefore + (performance.now() - started) / 1000,
        peakMb: Math.max(
          journal.peakMb,
          peakMegabytes([process.pid, devices.pid]),
          Math.round(programme.peakKb() / 1024),
        ),
      });
      writeJournal(folder, journal);
    };
    const step: Step = { o, journal, world, devices, programme, calendar, owners, keys, save };
    while (journal.step !== 'end' && !signal.aborted) {
      if (journal.step === 'round') await roundOf(step);
      else await daysOf(step);
    }
    if (journal.step !== 'end') save({});
    return { journal, world, devices, programme, calendar, complete: journal.step === 'end', close };
  } catch (thrown) {
    await close().catch(() => {});
    throw asFault(thrown, folder);
  }
}

/** What the system said of a file, from whichever part wrote it: a full disk is no bug of ours. */
const asFault = (thrown: unknown, folder: string): unknown => {
  const { code, path, syscall } = thrown as NodeJS.ErrnoException;
  // SQLSTATE disk_full: the store's own words for it.
  if (code === '53100')
    return fileFault(Object.assign(new Error('disk full'), { code: 'ENOSPC' }), join(folder, 'store'));
  const ofAFile = !(thrown instanceof Fault) && syscall !== undefined && (path !== undefined || code === 'ENOSPC');
  return ofAFile ? fileFault(thrown, path ?? folder) : thrown;
};

interface Step {
  readonly o: RehearseOptions;
  readonly journal: Journal;
  readonly world: World;
  readonly devices: Devices;
  readonly programme: Programme;
  readonly calendar: Calendar;
  readonly owners: Owners;
  readonly keys: ReturnType<typeof keysIn>;
  readonly save: (change: Partial<Journal>) => void;
}

/** What `--fresh` removes; nothing else in the folder is ours. */
const PARTS = ['journal.json', 'keys', 'paper', 'prober', 'store', 'mail', 'letters', 'post', 'isp', 'logs'];

async function newJournal(o: RehearseOptions): Promise<Journal> {
  const journal: Journal = {
    format: 'notice-rehearsal/1',
    options: o.options,
    ports: await choosePorts(o.options.addresses, o.note),
    sitePort: await freePort(FIRST_SITE_PORT),
    month: FIRST_MONTH,
    step: 'round',
    at: roundAt(FIRST_MONTH),
    repairs: [],
    owners: null,
    reports: [],
    sent: { mails: 0, letters: 0 },
    inquiries: 0,
    checks: 0,
    rechecked: 0,
    begun: null,
    judged: [],
    seconds: 0,
    peakMb: 0,
  };
  writeJournal(o.folder, journal);
  return journal;
}

/** The round of a month: the calendar stands where it is while it runs. */
async function roundOf({ o, journal, world, devices, programme, calendar, keys, save }: Step): Promise<void> {
  const { month } = journal;
  calendar.moveTo(roundAt(month));
  world.advance(calendar.calendar());
  // Everything is placed anew, not only what changed: a device that locked itself a month ago has forgotten it.
  await devices.place();
  signConsents(o.folder, world.country, keys, calendar.calendar());
  const report = await programme.withProber(() =>
    programme.centre.round(month, journal.options.addresses, o.signal, o.progress),
  );
  if (!report) return;
  o.status(`hand-over ${month}`);
  await programme.centre.handOver();
  save({ step: 'days', reports: [...journal.reports.filter(r => r.month !== month), report] });
}

/** The days until the next round: alerts leave, owners act and ask for re-checks, the month is frozen. */
async function daysOf(step: Step): Promise<void> {
  const { o, journal, world, programme, calendar, save } = step;
  const { month } = journal;
  const next = nextMonth(month);
  const last = month === lastMonth(journal.options.rounds);
  const from = Math.max(0, Math.round((calendar.calendar() - roundAt(month)) / DAY));
  const days = Math.round((monthStart(next) - roundAt(month)) / DAY) + (last ? 0 : ROUND_DAY - 1);
  for (let day = from + 1; day <= days && !o.signal.aborted; day++) {
    const begunBefore = journal.begun === day;
    // Before the calendar moves: a day that was begun and not ended is lived again.
    save({ begun: day });
    calendar.moveTo(workingHour(roundAt(month), day));
    o.status(`alerts ${dayOf(calendar.calendar())}  ${journal.sent.mails} mails  ${journal.sent.letters} letters`);
    await step.devices.follow(world.advance(calendar.calendar()));
    if (day === LOGS_AFTER) await programme.importLogs(month, calendar.calendar());
    const report: DayReport = await liveDay({
      ...step,
      note: o.note,
      begunBefore,
      deedsToday: day % DEEDS_EVERY === 0 || day === days,
    });
    if (monthOf(calendar.calendar()) !== month) await freeze(step);
    save({
      begun: null,
      checks: journal.checks + report.checks,
      rechecked: journal.rechecked + report.rechecked,
      sent: { mails: journal.sent.mails + report.mails, letters: journal.sent.letters + report.letters },
      inquiries: journal.inquiries + report.inquiries,
    });
  }
  if (o.signal.aborted) return;
  const judged = [
    ...journal.judged.filter(j => j.month !== month),
    { month, ...(await judgeMonth(step, roundAt(month))) },
  ];
  save({ judged });
  if (last) {
    await freeze(step);
    save({ step: 'end' });
  } else save({ step: 'round', month: next });
}

/** The month's figures are counted and frozen once it is over. */
const freeze = ({ programme, journal, calendar, world }: Step) =>
  freezeMonth(
    programme.store.centre(),
    { rehearsal: true, isps: world.country.length, ports: 3 },
    journal.month,
    calendar.calendar(),
  );
