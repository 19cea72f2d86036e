/** HTTP with Basic or Digest, plain and over TLS. */
import type { Protocol } from '../../../record/glossary.ts';
import type { Driver } from '../driver.ts';
import { type HttpFacts, httpMachine } from './machine.ts';
import { httpGrammar } from './request.ts';

const driver = (protocol: Protocol, transport: Driver['transport']): Driver => ({
  protocol,
  transport,
  begin({ host, agent, random, memory }) {
    const voice = { host, agent };
    const known = memory as Pick<HttpFacts, 'challenge' | 'keepAlive'> | undefined;
    const machine = httpMachine({ voice, random, ...(known ? { known } : {}) });
    return {
      machine,
      grammar: httpGrammar(voice),
      facts() {
        const { challenge, realm, server, title, keepAlive, shape } = machine.facts();
        return {
          said: { realm, server, title },
          asks: challenge ? 'pair' : null,
          identity: JSON.stringify([realm, server]),
          shape,
          memory: { challenge, keepAlive },
        };
      },
    };
  },
});

export const httpDriver: Driver = driver('http', 'tcp');
export const httpsDriver: Driver = driver('https', 'tls');
