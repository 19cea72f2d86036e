/** Reads a form as our own pages send it. Anything else (multipart, JSON, an upload) reads as an empty form. */
import type { Context } from 'hono';

/** The most a form may weigh; 2,000 characters of question take at most 18,000 bytes in this encoding. */
export const FORM_MOST = 32 * 1024;

export async function readForm(c: Context): Promise<(name: string) => string> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return () => '';
  const form = new URLSearchParams(await c.req.text());
  return name => form.get(name) ?? '';
}
