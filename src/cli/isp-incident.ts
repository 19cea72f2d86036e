/** `notice isp incident`: what happened when somebody said "this is not mine", and who decides what comes of it. */
import { Command } from 'commander';
import type { Kysely } from 'kysely';
import { Fault } from '../record/fault.ts';
import type { IncidentAct, IncidentRecord } from '../record/incident.ts';
import { isoOf } from '../record/instant.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { releaseHalts } from '../role/isp-halt.ts';
import { type Acted, clearIncident, confirmIncident } from '../role/isp-incident.ts';
import { say } from './say.ts';
import { table } from './table.ts';

interface Options {
  readonly config: string;
  readonly by?: string;
  readonly why?: string;
  readonly json?: boolean;
}

type Db = Kysely<IspTables>;

/** Beside an agent that runs: what is decided holds from its next hand-over on. */
async function withDesk(config: string, use: (db: Db) => Promise<void>): Promise<void> {
  const { db, close } = await (await import('../role/isp-config.ts')).openIspDesk(config);
  try {
    await use(db);
  } finally {
    await close();
  }
}

const personOf = ({ by }: Options): string => {
  const person = (by ?? '').trim();
  if (person === '' || person.length > 60)
    throw new Fault('usage', '--by names nobody', 'write who decides, such as --by "Aoki"');
  return person;
};

async function list(db: Db, json: boolean | undefined): Promise<void> {
  const incidents = await db.selectFrom('incident').selectAll().orderBy('opened_at', 'desc').execute();
  const aside = await db.selectFrom('quarantine').selectAll().where('cleared_at', 'is', null).execute();
  const halts = await db.selectFrom('halt').selectAll().where('released_at', 'is', null).orderBy('since').execute();
  const rows = incidents.map(one => ({
    id: one.id,
    case: one.case_id,
    toldBy: one.told_by,
    opened: isoOf(one.opened_at),
    state: one.state,
    setAside: aside.filter(q => q.incident_id === one.id).map(q => q.source),
  }));
  const held = halts.map(h => ({
    since: isoOf(h.since),
    reason: h.reason,
    releasedBy: JSON.parse(h.released_by) as string[],
  }));
  say(json, { incidents: rows, halts: held }, [
    rows.length === 0
      ? 'Nobody has said that an alert was not for them.'
      : table(
          ['incident', 'opened', 'told by', 'state', 'logs set aside'],
          rows.map(r => [r.id, r.opened, r.toldBy, r.state, r.setAside.join(' ')]),
        ).trimEnd(),
    ...held.map(
      h => `Halted since ${h.since}: ${h.reason}; released so far by ${h.releasedBy.join(', ') || 'nobody'}.`,
    ),
  ]);
}

const found = async (db: Db, id: string) => {
  const one = await db.selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst();
  if (one) return one;
  throw new Fault('usage', `there is no incident ${id}`, 'see them with notice isp incident list');
};

const instant = (at: number | null): string => (at === null ? 'open' : isoOf(at));

async function show(db: Db, id: string, json: boolean | undefined): Promise<void> {
  const one = await found(db, id);
  const record = JSON.parse(one.record) as IncidentRecord;
  const acts = JSON.parse(one.acts) as IncidentAct[];
  const facts = { id: one.id, case: one.case_id, toldBy: one.told_by, opened: isoOf(one.opened_at), state: one.state };
  const asked = record.asked.flatMap(q => [
    `  asked: who held ${q.address} port ${q.port} at ${isoOf(q.at)}, clock within ${q.clockErrorMs} ms`,
    `  the logs now: ${q.verdict}, ${q.why}`,
    ...q.steps.flatMap(step => [
      `    pool ${step.pool}, logs ${step.sources.join(' ') || 'none'}${step.lacking === null ? '' : ` (${step.lacking})`}`,
      ...step.holds.map(
        h =>
          `      ${h.whose}: sure ${instant(h.sureFrom)} to ${instant(h.sureTo)}, possible ${instant(h.possibleFrom)} to ${instant(h.possibleTo)} (${h.source}, ${h.exporter})`,
      ),
    ]),
  ]);
  say(json, { ...facts, ...record, acts }, [
    `${one.id}: ${one.state}, told by the ${one.told_by} on ${facts.opened}`,
    `  case ${one.case_id}, decided ${record.verdict ?? 'never'}: ${record.why ?? ''}`,
    `  digest of what it rested on: ${record.verdictDigest ?? 'none'}`,
    ...record.alerts.map(a => `  told before: ${a.channel}, ${a.message}, ${isoOf(a.at)}`),
    ...asked,
    ...acts.map(a => `  ${a.act} by ${a.by} on ${isoOf(a.at)}${a.why === '' ? '' : `: ${a.why}`}`),
    ...(one.state === 'open'
      ? [
          'Was somebody else alerted?',
          `  yes: notice isp incident confirm ${one.id} --by YOU   halts every alert until two people release them`,
          `  no:  notice isp incident clear ${one.id} --by YOU --why TEXT   the case and its logs go on`,
        ]
      : []),
  ]);
}

function settled(id: string, acted: Acted): void {
  if (acted === 'unknown')
    throw new Fault('usage', `there is no incident ${id}`, 'see them with notice isp incident list');
  if (acted === 'not-open')
    throw new Fault('usage', `incident ${id} was decided before`, 'see what with notice isp incident show');
}

export function incidentCommand(): Command {
  const command = new Command('incident').description(
    '"this is not mine": look, decide whether somebody else was alerted, release a halt',
  );
  const add = (name: string, about: string, example: string) =>
    command
      .command(name)
      .description(about)
      .requiredOption('--config <file>', "the ISP's configuration")
      .option('--json', 'one record for machines')
      .addHelpText('after', `\nExample:\n  notice isp incident ${example} --config isp.json\n`);
  const ID = '[id]';
  const idOf = (id: string | undefined): string => {
    if (id === undefined) throw new Fault('usage', 'no incident is named', 'see them with notice isp incident list');
    return id;
  };
  add('list', 'incidents, logs set aside, halts', 'list').action((o: Options) =>
    withDesk(o.config, db => list(db, o.json)),
  );
  add('show', 'what was asked, which holds were read, why', 'show incident-12ab')
    .argument(ID)
    .action((id: string | undefined, o: Options) => withDesk(o.config, db => show(db, idOf(id), o.json)));
  add('confirm', 'somebody else was alerted: halt every alert of this ISP', 'confirm incident-12ab --by Aoki')
    .argument(ID)
    .requiredOption('--by <person>', 'who found out')
    .action((id: string | undefined, o: Options) =>
      withDesk(o.config, async db => {
        settled(idOf(id), await confirmIncident(db, idOf(id), personOf(o), Date.now()));
        say(o.json, { id, state: 'confirmed' }, [
          'Every alert of this ISP is halted. Find out why, repair the log, then two different people release it:',
          '  notice isp incident release --by PERSON',
        ]);
      }),
    );
  add('clear', 'the alert was right, or the log is repaired', 'clear incident-12ab --by Aoki --why "their own camera"')
    .argument(ID)
    .requiredOption('--by <person>', 'who looked')
    .requiredOption('--why <text>', 'what was found, without a name')
    .action((id: string | undefined, o: Options) =>
      withDesk(o.config, async db => {
        settled(idOf(id), await clearIncident(db, idOf(id), personOf(o), (o.why ?? '').slice(0, 500), Date.now()));
        say(o.json, { id, cleared: true }, [
          'The logs are believed again. What they decided is asked about anew at the next tick.',
        ]);
      }),
    );
  add('release', 'end a halt; two different people must', 'release --by Aoki')
    .requiredOption('--by <person>', 'who releases')
    .action((o: Options) =>
      withDesk(o.config, async db => {
        const { left, released } = await releaseHalts(db, personOf(o), Date.now());
        say(o.json, { released, left }, [
          left + released === 0
            ? 'Nothing is halted.'
            : left > 0
              ? 'Noted. A second, different person must release it too; until then nothing is sent.'
              : 'Released. Alerts leave again as they become due.',
        ]);
      }),
    );
  return command.addHelpText('after', '\nExample:\n  notice isp incident list --config isp.json\n');
}
