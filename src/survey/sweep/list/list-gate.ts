/**
 * The gate over a list, for the engine, which knows addresses as numbers in the list: looks the address up and asks the gate
 * of its family, right before each connect like any other. In: list, tables of one gate or both. Out: a Gate.
 */
import type { Gate, GateTables } from '../../../mandate/authority.ts';
import { gateFromTables } from '../../../mandate/gate.ts';
import { gate6FromTables } from '../../../mandate/gate6.ts';
import { parseAddress, parsePrefix, plainAddress, prefixContains } from '../../../record/address.ts';
import type { Clocks } from '../../../record/instant.ts';
import { addressAt, type HitList } from './hit-list.ts';

export interface ListTables {
  readonly list: HitList;
  /** Each where the list holds an address of that family; without its gate an address is outside the scope. */
  readonly ipv4?: GateTables;
  readonly ipv6?: GateTables;
}

export function listGate({ list, ipv4, ipv6 }: ListTables, clocks: Clocks): Omit<Gate, 'tables' | 'digest'> {
  const four = ipv4 && gateFromTables(ipv4, clocks);
  const six = ipv6 && gate6FromTables(ipv6, clocks);
  const mandate = (ipv4 ?? ipv6)?.mandate;
  if (!mandate) throw new TypeError('a list needs a gate');
  const sources = mandate.sources.addresses.map(text => parsePrefix(text));
  return {
    mandate,
    refuses(n, port, act) {
      const { family, value } = addressAt(list, n);
      return family === 4
        ? (four?.refuses(Number(value), port, act) ?? (four ? undefined : 'outside-scope'))
        : (six?.refuses(value, port, act) ?? (six ? undefined : 'outside-scope'));
    },
    refusesSource: text => {
      const address = parseAddress(plainAddress(text));
      return address && sources.some(p => p && prefixContains(p, address)) ? undefined : 'source-not-named';
    },
    ispOf: n => list.isps[list.isp[n] ?? -1],
    protocolOf: port => mandate.ports.find(p => p.port === port)?.protocol,
  };
}
