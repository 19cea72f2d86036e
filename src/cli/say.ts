/** What a command prints at its end: lines for people, or one NDJSON object for machines. */
export function say(
  json: boolean | undefined,
  record: Readonly<Record<string, unknown>>,
  lines: readonly string[],
): void {
  process.stdout.write(json ? `${JSON.stringify(record)}\n` : `${lines.join('\n')}\n`);
}
