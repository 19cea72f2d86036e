/** HTTP with Basic or Digest, and the same with one login form; plain and over TLS. */
import type { Protocol } from '../../../record/glossary.ts';
import type { Driver } from '../driver.ts';
import { httpGrammar } from './grammar.ts';
import { httpMachine } from './machine.ts';
import type { HttpMemory } from './memory.ts';
import { nowhere } from './request.ts';

const driver = (protocol: Protocol, transport: Driver['transport'], forms: boolean): Driver => ({
  protocol,
  transport,
  begin({ host, agent, settleMs, random, memory }) {
    const voice = { scheme: transport === 'tls' ? 'https' : 'http', host, agent } as const;
    const odd = nowhere(random);
    const grammar = httpGrammar(voice, odd);
    const { mayFollow, mayFill } = grammar;
    const known = memory as HttpMemory | undefined;
    if (known && known.path !== '/') grammar.mayFollow(known.path);
    const machine = httpMachine({
      voice,
      settleMs,
      nowhere: odd,
      forms,
      mayFollow,
      mayFill,
      ...(known ? { memory: known } : {}),
    });
    return { machine, grammar, facts: machine.facts };
  },
});

export const httpDriver: Driver = driver('http', 'tcp', false);
export const httpsDriver: Driver = driver('https', 'tls', false);
export const httpFormDriver: Driver = driver('http-form', 'tcp', true);
export const httpsFormDriver: Driver = driver('https-form', 'tls', true);
