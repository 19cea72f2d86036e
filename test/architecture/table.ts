/** The one table of imports and sockets: which folder may import which, and which files may open what. */

/** Folder (the longest that fits a file) to the folders of ours it may import besides itself. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  record: [],
  mandate: ['record'],
  'survey/sweep': ['record', 'mandate', 'survey/round'],
  'survey/probe': ['record', 'mandate'],
  'survey/identify': ['record', 'mandate'],
  'survey/credential': ['record', 'mandate', 'survey/probe', 'survey/identify', 'survey/firmware'],
  'survey/firmware': ['record', 'mandate'],
  'survey/round': ['record', 'mandate'],
  darknet: ['record', 'mandate'],
  attribution: ['record', 'mandate'],
  finding: ['record'],
  exchange: ['record', 'mandate', 'attribution'],
  'isp/assignment': ['record'],
  'isp/alert': ['record', 'isp/assignment'],
  'isp/contact': ['record'],
  desk: ['record'],
  statistics: ['record'],
  site: ['record', 'desk', 'statistics'],
  console: ['record', 'desk', 'statistics'],
  store: ['record'],
  fleet: ['record'],
  rehearsal: ['*'],
  role: ['*', '!rehearsal', '!cli'],
  cli: ['*', '!rehearsal'],
};

/** The only file outside rehearsal/ that may import it. */
export const REHEARSES = 'cli/rehearse.ts';

/** Modules that open sockets, and the files (or folders, ending in /) that may import them for their value. */
export const MAY_OPEN: Readonly<Record<string, readonly string[]>> = {
  'node:net': ['survey/probe/dial-net.ts', 'survey/sweep/net-connect.ts', 'store/', 'rehearsal/', 'cli/doctor.ts'],
  'node:tls': ['survey/probe/dial-net.ts', 'rehearsal/'],
  'node:dgram': [],
  'node:http': ['rehearsal/'],
  'node:https': [],
  'node:http2': [],
  koffi: ['survey/sweep/system.ts', 'survey/probe/system.ts'],
  // Its Client and Server; the survey uses its transport alone, which has no sockets.
  ssh2: ['rehearsal/'],
  pg: ['store/'],
  '@electric-sql/pglite': ['store/'],
  nodemailer: ['isp/alert/mail.ts'],
  'smtp-server': ['rehearsal/'],
  '@hono/node-server': ['role/', 'rehearsal/'],
};
