/** Text from a log or a device as a terminal may show it: what would move its cursor or change it stands as `\x1b`. */
export const visible = (text: string): string =>
  text.replace(
    /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

/** What a command prints at its end: lines for people, or one NDJSON object for machines. */
export function say(
  json: boolean | undefined,
  record: Readonly<Record<string, unknown>>,
  lines: readonly string[],
): void {
  process.stdout.write(json ? `${JSON.stringify(record)}\n` : `${visible(lines.join('\n'))}\n`);
}
