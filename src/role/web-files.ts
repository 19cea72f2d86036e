/** The files a web role is started with: its database login and who the site speaks for. Bad ones are named with a remedy. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Issuer } from '../record/alert.ts';
import { Fault, fileFault } from '../record/fault.ts';
import type { LoginOptions } from '../store/open.ts';

function json(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw fileFault(thrown, file);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('input', 'is not JSON', 'correct it', { where: file, cause });
  }
}

function shaped<T>(file: string, shape: z.ZodType<T>, what: string): T {
  const read = shape.safeParse(json(file));
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Fault('input', `is not ${what}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, 'correct it', {
    where: file,
  });
}

const login = z.union([
  z.strictObject({ socketDir: z.string(), login: z.literal('web'), password: z.string() }),
  z.strictObject({ url: z.string(), login: z.literal('web'), password: z.string() }),
]);

export const webLogin = (file: string): LoginOptions & { readonly login: 'web' } =>
  shaped(file, login, 'a login of the web role');

const both = z.strictObject({ ja: z.string().min(1), en: z.string().min(1) });
const line = z.strictObject({
  name: z.string().min(1),
  number: z.string().min(1),
  cost: both,
  reach: both,
  hours: both,
});
const issuer = z.strictObject({
  programme: both,
  isp: both,
  returnAddress: z.string().min(1),
  site: z.url(),
  supportLines: z.array(line).min(1),
  rehearsal: z.literal(
    true,
    'an unmarked site needs an issuer profile signed by the authority; until then rehearsal must be true',
  ),
});

export const webIssuer = (file: string): Issuer => shaped(file, issuer, 'an issuer profile');
