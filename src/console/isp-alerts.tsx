/** An ISP's alerts and letters, and the halt after a wrong person: who must do what before anything is sent again. */
import type { FC } from 'hono/jsx';
import type { Selectable } from 'kysely';
import { ALERT_STATES, CHANNELS } from '../record/alert.ts';
import type { IspTables } from '../record/tables/isp.ts';
import { Filter, viewAt } from './filter.tsx';
import type { IspPages } from './isp-deps.ts';
import { Table } from './table.tsx';
import { n, whenIn } from './words.ts';

const ROWS_MOST = 300;

type AlertRow = Selectable<IspTables['alert']>;

export const alertState = (alert: AlertRow): string =>
  alert.ended_reason ? `${alert.state}: ${alert.ended_reason}` : alert.state;

export const LetterLink: FC<{ alert: AlertRow }> = ({ alert }) =>
  alert.channel === 'letter' && alert.state === 'sent' ? (
    <a href={`/letters/${encodeURIComponent(alert.id)}.pdf`}>PDF</a>
  ) : null;

const people = (releasedBy: string): string[] => {
  const read: unknown = JSON.parse(releasedBy);
  return Array.isArray(read) ? read.map(String) : [];
};

const Halt: FC<{ halts: readonly Selectable<IspTables['halt']>[] }> = ({ halts }) => (
  <section class="notice" aria-labelledby="halt">
    <h2 id="halt">Alerts are halted</h2>
    {halts.map(halt => (
      <p>
        Since {whenIn(halt.since)} JST: {halt.reason}. Released so far by{' '}
        {people(halt.released_by).join(', ') || 'nobody'}.
      </p>
    ))}
    <p>Nothing is sent until two different people have released every halt.</p>
  </section>
);

export function alertsRoutes({ app, db, page, letter }: IspPages): void {
  app.get('/alerts', async c => {
    const state = ALERT_STATES.find(s => s === c.req.query('state'));
    const channel = CHANNELS.find(s => s === c.req.query('channel'));
    const halts = await db.selectFrom('halt').selectAll().where('released_at', 'is', null).orderBy('since').execute();
    let query = db.selectFrom('alert').selectAll();
    if (state) query = query.where('state', '=', state);
    if (channel) query = query.where('channel', '=', channel);
    const alerts = await query.orderBy('due_at', 'desc').orderBy('id').limit(ROWS_MOST).execute();
    return page(
      c,
      'Alerts',
      <>
        {halts.length > 0 ? <Halt halts={halts} /> : null}
        <Filter
          choices={[
            { name: 'state', now: state, options: ALERT_STATES.map(s => [s, s]) },
            { name: 'channel', now: channel, options: CHANNELS.map(s => [s, s]) },
          ]}
        />
        <Table
          caption={`${alerts.length === ROWS_MOST ? `The ${ROWS_MOST} newest` : n(alerts.length)} ${alerts.length === 1 ? 'alert' : 'alerts'}, newest first; times in JST`}
          columns={[
            { name: 'due' },
            { name: 'channel' },
            { name: 'message' },
            { name: 'line' },
            { name: 'state', long: true },
            { name: 'sent' },
            { name: 'letter' },
          ]}
          rows={alerts.map(alert => [
            <a href={viewAt('/', { case: alert.case_id })}>{whenIn(alert.due_at)}</a>,
            alert.channel,
            alert.message,
            alert.subscriber,
            <span class={`state-${alert.state}`}>{alertState(alert)}</span>,
            whenIn(alert.sent_at),
            <LetterLink alert={alert} />,
          ])}
          empty={
            state || channel
              ? { why: 'No alert matches.', next: 'Widen the filter, or clear it.' }
              : { why: 'No alert yet.', next: 'Alerts become due when a case has been identified without doubt.' }
          }
        />
      </>,
    );
  });

  // An alert's id is its message's, and `.1`, `.2` for the further cases told in the same letter.
  app.get('/letters/:file{[\\w-]+(\\.\\d+)?\\.pdf}', c => {
    const pdf = letter(c.req.param('file').replace(/\.pdf$/, ''));
    if (!pdf) return c.notFound();
    return c.body(new Uint8Array(pdf), 200, { 'content-type': 'application/pdf' });
  });
}
