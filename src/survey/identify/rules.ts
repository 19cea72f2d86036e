/**
 * Knowledge: what devices say about themselves before anybody signs in. Data only. Every rule carries text it must match
 * and text it must not; `problems()` in check-rules.ts tries them all. A pattern matches in linear time (linear.ts holds it
 * to that), on text of at most 4 KB. Capture group `firmware` gives the version.
 */
export const FIELDS = ['telnet', 'ssh', 'ftp', 'realm', 'server', 'title'] as const;
export type Field = (typeof FIELDS)[number];

export interface Rule {
  readonly id: string;
  readonly field: Field;
  readonly pattern: RegExp;
  readonly vendor: string;
  readonly model: string;
  /** 0 to 1: how sure a match alone makes us. */
  readonly confidence: number;
  readonly examples: readonly string[];
  readonly counterExamples: readonly string[];
}

export const RULES: readonly Rule[] = [
  {
    id: 'hinoki-hr200-telnet',
    field: 'telnet',
    pattern: /^\s{0,8}Hinoki HR-200 Broadband Router\s/,
    vendor: 'Hinoki',
    model: 'HR-200',
    confidence: 0.95,
    examples: ['\r\nHinoki HR-200 Broadband Router\r\nlogin: ', 'Hinoki HR-200 Broadband Router\r\nUsername: '],
    counterExamples: ['\r\nHinoki HR-2000 Broadband Router\r\nlogin: ', 'login: '],
  },
  {
    id: 'hinoki-hr200-realm',
    field: 'realm',
    pattern: /^Hinoki HR-200$/,
    vendor: 'Hinoki',
    model: 'HR-200',
    confidence: 0.95,
    examples: ['Hinoki HR-200'],
    counterExamples: ['Hinoki HR-200W', 'Hinoki'],
  },
  {
    id: 'hinoki-hr200-title',
    field: 'title',
    pattern: /^Hinoki HR-200$/,
    vendor: 'Hinoki',
    model: 'HR-200',
    confidence: 0.8,
    examples: ['Hinoki HR-200'],
    counterExamples: ['Review: Hinoki HR-200 against its rivals'],
  },
  {
    id: 'sazanami-sv5-realm',
    field: 'realm',
    pattern: /^SAZANAMI SV-5 Network Camera$/,
    vendor: 'Sazanami',
    model: 'SV-5',
    confidence: 0.95,
    examples: ['SAZANAMI SV-5 Network Camera'],
    counterExamples: ['SAZANAMI SV-50 Network Camera', 'Network Camera'],
  },
  {
    id: 'sazanami-sv5-telnet',
    field: 'telnet',
    pattern: /^\s{0,8}SV-5 login: ?$/,
    vendor: 'Sazanami',
    model: 'SV-5',
    confidence: 0.8,
    examples: ['SV-5 login: ', '\r\nSV-5 login:'],
    counterExamples: ['SV-50 login: ', 'login: ', 'TSV-5 login: '],
  },
  {
    id: 'tsukuba-tn1600-server',
    field: 'server',
    pattern: /^TN-1600(?:\/FW (?<firmware>[0-9A-Za-z._-]{1,32}))?$/,
    vendor: 'Tsukuba Net',
    model: 'TN-1600',
    confidence: 0.95,
    examples: ['TN-1600/FW 1.04.12', 'TN-1600/FW 1.05.00', 'TN-1600'],
    counterExamples: ['TN-16000/FW 1.04.12', 'TN-1600 compatible', 'Boa/0.94.13'],
  },
  {
    id: 'tsukuba-tn1600-realm',
    field: 'realm',
    pattern: /^TN-1600$/,
    vendor: 'Tsukuba Net',
    model: 'TN-1600',
    confidence: 0.9,
    examples: ['TN-1600'],
    counterExamples: ['TN-1600X', 'TN-160'],
  },
  {
    id: 'tsukuba-tn1600-telnet',
    field: 'telnet',
    pattern: /^\s{0,8}TN-1600 login: ?$/,
    vendor: 'Tsukuba Net',
    model: 'TN-1600',
    confidence: 0.8,
    examples: ['TN-1600 login: '],
    counterExamples: ['TN-1600X login: ', 'login: '],
  },
  {
    id: 'akebono-dvr4-telnet',
    field: 'telnet',
    pattern: /^\s{0,8}AK-DVR4 (?:\(Linux\)\s|login: ?$)/,
    vendor: 'Akebono',
    model: 'AK-DVR4',
    confidence: 0.95,
    examples: ['AK-DVR4 (Linux)\r\nAK-DVR4 login: ', 'AK-DVR4 login: '],
    counterExamples: ['AK-DVR48 (Linux)\r\nAK-DVR48 login: ', 'dvr login: '],
  },
  {
    id: 'akebono-dvr4-realm',
    field: 'realm',
    pattern: /^AK-DVR4$/,
    vendor: 'Akebono',
    model: 'AK-DVR4',
    confidence: 0.95,
    examples: ['AK-DVR4'],
    counterExamples: ['AK-DVR4K', 'DVR'],
  },
  {
    id: 'akebono-dvr4-title',
    field: 'title',
    pattern: /^AK-DVR4$/,
    vendor: 'Akebono',
    model: 'AK-DVR4',
    confidence: 0.8,
    examples: ['AK-DVR4'],
    counterExamples: ['AK-DVR4 manual'],
  },
  {
    id: 'hinoki-hr200-ssh',
    field: 'ssh',
    pattern: /^SSH-2\.0-hinoki-sshd_[0-9.]{1,16} HR-200\s{0,2}$/,
    vendor: 'Hinoki',
    model: 'HR-200',
    confidence: 0.95,
    examples: ['SSH-2.0-hinoki-sshd_1.2 HR-200', 'SSH-2.0-hinoki-sshd_1.2 HR-200\r\n'],
    counterExamples: ['SSH-2.0-hinoki-sshd_1.2', 'SSH-2.0-hinoki-sshd_1.2 HR-2000', 'SSH-2.0-dropbear_2022.83'],
  },
  {
    id: 'hinoki-hr200-ftp',
    field: 'ftp',
    pattern: /^220[ -]Hinoki HR-200 FTP\s/,
    vendor: 'Hinoki',
    model: 'HR-200',
    confidence: 0.9,
    examples: ['220 Hinoki HR-200 FTP ready\r\n'],
    counterExamples: ['220 Hinoki HR-2000 FTP ready\r\n', '220 FTP server ready\r\n'],
  },
  {
    id: 'sazanami-sv5-ssh',
    field: 'ssh',
    pattern: /^SSH-2\.0-SV-5\s{0,2}$/,
    vendor: 'Sazanami',
    model: 'SV-5',
    confidence: 0.9,
    examples: ['SSH-2.0-SV-5'],
    counterExamples: ['SSH-2.0-SV-50', 'SSH-2.0-SV'],
  },
  {
    id: 'sazanami-sv5-ftp',
    field: 'ftp',
    pattern: /^220[ -]SV-5 Network Camera FTP\s/,
    vendor: 'Sazanami',
    model: 'SV-5',
    confidence: 0.9,
    examples: ['220 SV-5 Network Camera FTP server ready.\r\n'],
    counterExamples: ['220 SV-50 Network Camera FTP server ready.\r\n', '220 Network Camera FTP server ready.\r\n'],
  },
  {
    id: 'akebono-dvr4-ssh',
    field: 'ssh',
    pattern: /^SSH-2\.0-AK-DVR4(?:_(?<firmware>[0-9A-Za-z.]{1,32}))?\s{0,2}$/,
    vendor: 'Akebono',
    model: 'AK-DVR4',
    confidence: 0.95,
    examples: ['SSH-2.0-AK-DVR4_3.1.0', 'SSH-2.0-AK-DVR4'],
    counterExamples: ['SSH-2.0-AK-DVR48_3.1.0', 'SSH-2.0-dropbear_2016.74'],
  },
  {
    id: 'akebono-dvr4-ftp',
    field: 'ftp',
    pattern: /^220[ -]AK-DVR4 FTP\s/,
    vendor: 'Akebono',
    model: 'AK-DVR4',
    confidence: 0.9,
    examples: ['220 AK-DVR4 FTP (3.1.0)\r\n', '220-AK-DVR4 FTP \r\n220 ready\r\n'],
    counterExamples: ['220 AK-DVR48 FTP (3.1.0)\r\n', '220 DVR FTP\r\n'],
  },
];

/**
 * Services at which no credential is ever tried, whoever made them (invariant 6): medical, industrial, printing.
 * Wide on purpose; a wrong hit costs a check, a miss could cost a life.
 */
export const OFF_LIMITS: readonly RegExp[] = [
  /\b(?:printer|laserjet|print server|plotter|multifunction printer)\b/i,
  /\b(?:PLC|SCADA|modbus|bacnet|programmable logic|industrial controller|HMI panel)\b/i,
  /\b(?:patient|infusion|ventilator|dicom|PACS|medical)\b/i,
  /プリンタ|複合機|医療/,
];
