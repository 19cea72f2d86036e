/**
 * The fictional makes of device and exactly what they say before anyone signs in. The knowledge rules of
 * `survey/identify` were written from the same list; a word changed here must be changed there.
 */
import type { Protocol } from '../record/glossary.ts';

export interface Model {
  readonly id: ModelId;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly protocols: readonly Protocol[];
  /** What telnet prints before the cursor waits for a user name. */
  readonly greeting: string;
  /** The prompt again after a wrong pair. */
  readonly prompt: string;
  readonly realm: string;
  readonly title: string;
  readonly server: string;
  /** The pair most of its owners never changed, as an index into GUESSABLE_PAIRS. */
  readonly factoryPair: number;
}

export const MODEL_IDS = ['hr-200', 'sv-5', 'tn-1600', 'ak-dvr4', 'nameless-login', 'nameless-username'] as const;
export type ModelId = (typeof MODEL_IDS)[number];

export const MODELS: Readonly<Record<ModelId, Model>> = {
  'hr-200': {
    id: 'hr-200',
    vendor: 'Hinoki',
    model: 'HR-200',
    protocols: ['telnet', 'http'],
    greeting: '\r\nHinoki HR-200 Broadband Router\r\nlogin: ',
    prompt: 'login: ',
    realm: 'Hinoki HR-200',
    title: 'Hinoki HR-200',
    server: 'hinoki-httpd/1.4',
    factoryPair: 1,
  },
  'sv-5': {
    id: 'sv-5',
    vendor: 'Sazanami',
    model: 'SV-5',
    protocols: ['telnet', 'http'],
    greeting: 'SV-5 login: ',
    prompt: 'SV-5 login: ',
    realm: 'SAZANAMI SV-5 Network Camera',
    title: 'SV-5 Network Camera',
    server: 'Boa/0.94.13',
    factoryPair: 7,
  },
  'tn-1600': {
    id: 'tn-1600',
    vendor: 'Tsukuba Net',
    model: 'TN-1600',
    protocols: ['http'],
    greeting: 'TN-1600 login: ',
    prompt: 'TN-1600 login: ',
    realm: 'TN-1600',
    title: 'TN-1600',
    server: 'TN-1600',
    factoryPair: 0,
  },
  'ak-dvr4': {
    id: 'ak-dvr4',
    vendor: 'Akebono',
    model: 'AK-DVR4',
    protocols: ['telnet', 'http'],
    greeting: 'AK-DVR4 (Linux)\r\nAK-DVR4 login: ',
    prompt: 'AK-DVR4 login: ',
    realm: 'AK-DVR4',
    title: 'AK-DVR4',
    server: 'uc-httpd 1.0.0',
    factoryPair: 8,
  },
  'nameless-login': {
    id: 'nameless-login',
    vendor: null,
    model: null,
    protocols: ['telnet', 'http'],
    greeting: 'login: ',
    prompt: 'login: ',
    realm: 'Authorization',
    title: 'Device',
    server: 'httpd',
    factoryPair: 0,
  },
  'nameless-username': {
    id: 'nameless-username',
    vendor: null,
    model: null,
    protocols: ['telnet'],
    greeting: 'Username: ',
    prompt: 'Username: ',
    realm: 'Authorization',
    title: 'Device',
    server: 'httpd',
    factoryPair: 5,
  },
};

/** TN-1600 firmware: the weakness lies in [1.00.00, 1.05.00); with no version in the banner nobody can tell. */
export const TN_VULNERABLE = '1.04.12';
export const TN_FIXED = '1.05.03';

export const serverHeader = (model: Model, firmware: string | null): string =>
  firmware === null ? model.server : `${model.server}/FW ${firmware}`;
