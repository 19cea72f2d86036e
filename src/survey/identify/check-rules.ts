/** Tries every rule against every example (invariant 17). Out: one line per rule that breaks its word; empty is good. */
import type { Protocol } from '../../record/glossary.ts';
import { HINTS, type Hint } from './deceptive.ts';
import { identify } from './identify.ts';
import { isLinear } from './linear.ts';
import { type Field, OFF_LIMITS, RULES, type Rule } from './rules.ts';

const PROTOCOL_OF: Readonly<Record<Field, Protocol>> = {
  telnet: 'telnet',
  ssh: 'ssh',
  ftp: 'ftp',
  realm: 'http',
  server: 'http',
  title: 'http',
};

/** What a rule and a hint have in common: a pattern that must keep its word. */
function problemsOf({ id, pattern, examples, counterExamples }: Hint): string[] {
  const found: string[] = [];
  if (!isLinear(pattern)) found.push(`${id}: the pattern is not certainly linear`);
  if (pattern.global || pattern.sticky) found.push(`${id}: the pattern keeps state between matches`);
  if (examples.length === 0) found.push(`${id}: has no example`);
  if (counterExamples.length === 0) found.push(`${id}: has no counter-example`);
  for (const text of examples)
    if (!pattern.test(text)) found.push(`${id}: does not match its example ${JSON.stringify(text)}`);
  for (const text of counterExamples)
    if (pattern.test(text)) found.push(`${id}: matches its counter-example ${JSON.stringify(text)}`);
  return found;
}

export function problems(rules: readonly Rule[] = RULES, hints: readonly Hint[] = HINTS): string[] {
  const found: string[] = [];
  const ids = new Set<string>();
  for (const one of [...rules, ...hints]) {
    if (ids.has(one.id)) found.push(`${one.id}: the id is used twice`);
    ids.add(one.id);
    found.push(...problemsOf(one));
  }
  for (const rule of rules === RULES ? rules : [])
    for (const text of rule.examples) {
      const { device, deceptive } = identify({ protocol: PROTOCOL_OF[rule.field], [rule.field]: text });
      if (device.vendor !== rule.vendor || device.model !== rule.model)
        found.push(`${rule.id}: its example ${JSON.stringify(text)} is named ${device.vendor} ${device.model}`);
      if (deceptive) found.push(`${rule.id}: its example ${JSON.stringify(text)} counts as deceptive`);
    }
  for (const hint of hints)
    for (const text of hint.examples)
      for (const rule of rules)
        if (rule.field === hint.field && rule.pattern.test(text))
          found.push(`${hint.id}: its example ${JSON.stringify(text)} is the product of ${rule.id}`);
  for (const pattern of OFF_LIMITS)
    if (!isLinear(pattern)) found.push(`off-limits ${pattern.source}: not certainly linear`);
  return found;
}
