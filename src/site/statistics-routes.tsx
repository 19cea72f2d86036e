/** Published months as pages, pictures and files. What does not match its digest is not shown at all. */
import { type Context, Hono } from 'hono';
import { sha256 } from '../record/digest.ts';
import type { MonthFigures } from '../record/statistics.ts';
import { chartSvg } from '../statistics/chart.ts';
import { figuresCsv } from '../statistics/csv.ts';
import { readRelease } from '../statistics/release.ts';
import type { PageDeps, SiteDeps } from './deps.ts';
import { sendPage } from './frame.tsx';
import { NoStatisticsPage, StatisticsPage } from './statistics-page.tsx';
import type { PublishedMonth } from './store.ts';
import { trouble } from './trouble.tsx';

/** How many months a chart shows, and how many charts are kept drawn. */
const CHART_MONTHS = 12;
const CHARTS_MOST = 24;
const MONTH = '{\\d{4}-\\d{2}}';

interface Read {
  readonly release: PublishedMonth;
  readonly figures: MonthFigures;
}

const readAll = (releases: readonly PublishedMonth[]): readonly Read[] =>
  releases.flatMap(release => {
    const figures = readRelease(release);
    return figures ? [{ release, figures }] : [];
  });

export function statisticsRoutes(deps: PageDeps): Hono {
  const routes = new Hono({ strict: false });
  const charts = new Map<string, string>();

  const page = (c: Context, months: readonly Read[], shown: Read | undefined, newest: boolean) => {
    if (!shown) return newest ? sendPage(c, <NoStatisticsPage deps={deps} />) : trouble(c, deps, 'missing', 404);
    const names = months.map(m => m.release.month);
    return sendPage(c, <StatisticsPage deps={deps} {...shown} months={names} newest={newest} />);
  };

  routes.get('/statistics', async c => {
    const months = readAll(await deps.store.months());
    return page(c, months, months[0], true);
  });

  routes.get(`/statistics/:month${MONTH}`, async c => {
    const months = readAll(await deps.store.months());
    return page(
      c,
      months,
      months.find(m => m.release.month === c.req.param('month')),
      false,
    );
  });

  routes.get('/statistics/:file{\\d{4}-\\d{2}\\.svg}', async c => {
    const until = c.req.param('file').slice(0, 7);
    const months = readAll(await deps.store.months())
      .filter(m => m.release.month <= until)
      .slice(0, CHART_MONTHS);
    if (months[0]?.release.month !== until) return trouble(c, deps, 'missing', 404);
    const key = sha256(months.map(m => m.release.digest).join());
    let svg = charts.get(key);
    if (svg === undefined) {
      svg = chartSvg(
        months.map(m => m.figures),
        deps.language,
      );
      charts.set(key, svg);
      if (charts.size > CHARTS_MOST) charts.delete(charts.keys().next().value as string);
    }
    // Drawn as a picture, an SVG runs no script; its own style needs leave of its own.
    return c.body(svg, 200, {
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
  });

  return routes;
}

/** The frozen bytes, and the same as a table for spreadsheets. One of each for both languages. */
export function statisticsFiles(deps: SiteDeps): Hono {
  const routes = new Hono({ strict: false });
  const read = async (file: string) => {
    const release = await deps.store.month(file.slice(0, 7));
    const figures = release && readRelease(release);
    return release && figures ? { release, figures } : undefined;
  };
  routes.get('/statistics/:file{\\d{4}-\\d{2}\\.json}', async c => {
    const found = await read(c.req.param('file'));
    if (!found) return trouble(c, deps, 'missing', 404);
    return c.body(found.release.figures, 200, { 'content-type': 'application/json; charset=utf-8' });
  });
  routes.get('/statistics/:file{\\d{4}-\\d{2}\\.csv}', async c => {
    const found = await read(c.req.param('file'));
    if (!found) return trouble(c, deps, 'missing', 404);
    return c.body(figuresCsv(found.figures), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="notice-${found.release.month}.csv"`,
    });
  });
  return routes;
}
