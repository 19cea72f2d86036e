/** Tries every rule against every example (invariant 17). Out: one line per rule that breaks its word; empty is good. */
import { identify } from './identify.ts';
import { isLinear } from './linear.ts';
import { OFF_LIMITS, RULES, type Rule } from './rules.ts';

export function problems(rules: readonly Rule[] = RULES): string[] {
  const found: string[] = [];
  const ids = new Set<string>();
  for (const rule of rules) {
    if (ids.has(rule.id)) found.push(`${rule.id}: the id is used twice`);
    ids.add(rule.id);
    if (!isLinear(rule.pattern)) found.push(`${rule.id}: the pattern is not certainly linear`);
    if (rule.pattern.global || rule.pattern.sticky) found.push(`${rule.id}: the pattern keeps state between matches`);
    if (rule.examples.length === 0) found.push(`${rule.id}: has no example`);
    if (rule.counterExamples.length === 0) found.push(`${rule.id}: has no counter-example`);
    for (const text of rule.examples) {
      if (!rule.pattern.test(text)) found.push(`${rule.id}: does not match its example ${JSON.stringify(text)}`);
      const { device } = identify({ protocol: rule.field === 'telnet' ? 'telnet' : 'http', [rule.field]: text });
      if (rules === RULES && (device.vendor !== rule.vendor || device.model !== rule.model))
        found.push(`${rule.id}: its example ${JSON.stringify(text)} is named ${device.vendor} ${device.model}`);
    }
    for (const text of rule.counterExamples)
      if (rule.pattern.test(text)) found.push(`${rule.id}: matches its counter-example ${JSON.stringify(text)}`);
  }
  for (const pattern of OFF_LIMITS)
    if (!isLinear(pattern)) found.push(`off-limits ${pattern.source}: not certainly linear`);
  return found;
}
