/**
 * What the mandate's own text must satisfy whatever the day is: both signatures by different keys, inside the trusted
 * space, every target consented by the ISP it names, no forbidden port, nothing above the compiled-in ceilings. In: the
 * mandate and who may sign. Out: nothing, or a Fault naming the line and the remedy.
 */
import type { Prefix } from '../record/address.ts';
import { parsePrefix } from '../record/address.ts';
import { Fault } from '../record/fault.ts';
import type { Consent, Mandate, MandateBody, Trust } from '../record/mandate.ts';
import { CEILINGS, neverTouch } from './ceilings.ts';
import type { Path } from './json-place.ts';
import { verifyBody } from './keys.ts';
import { prefixSet } from './prefix-set.ts';
import { isOwnSpace } from './special-space.ts';
import { isOwnSpace6 } from './special-space6.ts';

export type Where = (path: Path) => string;

/** `body` is the value as read, which is what the signers signed. */
export function checkSignatures(mandate: Mandate, body: unknown, trust: Trust, where: Where): void {
  const signers = (['operator', 'authority'] as const).map(role => {
    const made = mandate.signatures.filter(s => s.by === role);
    const at = where(['signatures']);
    if (made.length === 0)
      throw new Fault('signature', `the ${role} has not signed`, `have the ${role} sign it: notice mandate sign`, {
        where: at,
      });
    const good = made.find(s => verifyBody(body, s, trust[role]));
    if (!good)
      throw new Fault('signature', `the signature of the ${role} does not verify`, `have the ${role} sign this text`, {
        where: at,
      });
    return good;
  });
  // The trust file pins no key twice; asked again here, because one person must never be both.
  if (signers[0]?.key === signers[1]?.key)
    throw new Fault('signature', 'operator and authority signed with one key', 'each must sign with a key of its own', {
      where: where(['signatures']),
    });
}

/** Every target lies in the trusted space and in the list of the ISP it names. */
export function checkTargets(body: MandateBody, consents: readonly Consent[], trust: Trust, where: Where): void {
  const within = prefixSet(trust.within.map(text => parsePrefix(text) as Prefix));
  for (const [n, target] of body.targets.entries()) {
    const consent = consents.find(c => c.body.isp === target.isp);
    if (!consent)
      throw new Fault('consent', `there is no consent of "${target.isp}"`, 'ask the ISP to sign its list', {
        where: where(['body', 'targets', n, 'isp']),
      });
    const consented = prefixSet(consent.body.prefixes.map(p => parsePrefix(p.prefix) as Prefix));
    for (const [m, text] of target.prefixes.entries()) {
      const prefix = parsePrefix(text) as Prefix;
      const at = where(['body', 'targets', n, 'prefixes', m]);
      if (!within.covers(prefix))
        throw new Fault(
          'mandate-refused',
          `${text} lies outside the space the trust file allows`,
          'take it out of the mandate and have it signed again',
          { where: at },
        );
      if (!consented.covers(prefix))
        throw new Fault(
          'consent',
          `${text} is not in the consent of "${target.isp}"`,
          'ask the ISP to sign a new list',
          {
            where: at,
          },
        );
    }
  }
}

/** A port that is never touched stands in `ports` only with an exception of its own, and only to be swept. */
export function checkPorts(body: MandateBody, where: Where): void {
  const refused = (path: Path, what: string, remedy: string) =>
    new Fault('mandate-refused', what, remedy, { where: where(['body', ...path]) });
  const exceptions = body.neverTouch ?? [];
  for (const [n, { port, acts }] of body.ports.entries()) {
    const what = neverTouch(port);
    if (!what) continue;
    if (!exceptions.some(e => e.port === port))
      throw refused(
        ['ports', n, 'port'],
        `port ${port} is never touched: ${what}`,
        'take it out, or name it with a reason in "neverTouch", and have it signed again',
      );
    const other = acts.find(act => act !== 'sweep');
    if (other !== undefined)
      throw refused(
        ['ports', n, 'acts'],
        `port ${port} may be swept and nothing else: ${what}`,
        `take out "${other}" and have it signed again`,
      );
  }
  for (const [n, { port }] of exceptions.entries()) {
    if (neverTouch(port) === undefined)
      throw refused(
        ['neverTouch', n, 'port'],
        `port ${port} needs no exception`,
        'take it out of "neverTouch" and have it signed again',
      );
    if (!body.ports.some(p => p.port === port))
      throw refused(
        ['neverTouch', n, 'port'],
        `port ${port} is excepted, but not among the ports`,
        'name it in "ports" with the act "sweep", or take the exception out',
      );
  }
}

/** True when every target lies in loopback or private space: laboratory and rehearsal, where ceilings may be exceeded. */
export const isOwnScope = (body: MandateBody): boolean =>
  body.targets.every(t =>
    t.prefixes.every(text => {
      const prefix = parsePrefix(text) as Prefix;
      return isOwnSpace(prefix) || isOwnSpace6(prefix);
    }),
  );

export function checkCeilings(body: MandateBody, where: Where): void {
  if (isOwnScope(body)) return;
  const above = (path: Path, value: number, most: number, unit: string) => {
    if (value > most)
      throw new Fault(
        'mandate-refused',
        `"${path.join('.')}" is ${value}, above the ceiling of ${most} ${unit}`,
        'lower it and have it signed again',
        { where: where(['body', ...path]) },
      );
  };
  for (const name of ['total', 'perIsp', 'per24'] as const) {
    above(['limits', name, 'perSecond'], body.limits[name].perSecond, CEILINGS.packetsPerSecond, 'packets a second');
    above(['limits', name, 'burst'], body.limits[name].burst, CEILINGS.packetsPerSecond, 'packets at once');
  }
  for (const name of ['triesPerDevicePerDay', 'triesPerAccountPerDay'] as const)
    above(['limits', name], body.limits[name], CEILINGS.triesPerDevicePerDay, 'tries a day');
  const { triesPerDevicePerRound, triesPer24PerDay, triesPerIspPerDay } = body.limits;
  above(['limits', 'triesPerDevicePerRound'], triesPerDevicePerRound ?? 0, CEILINGS.cataloguePairs, 'pairs');
  above(['limits', 'triesPer24PerDay'], triesPer24PerDay ?? 0, CEILINGS.triesPer24PerDay, 'tries a day');
  above(['limits', 'triesPerIspPerDay'], triesPerIspPerDay ?? 0, CEILINGS.triesPerIspPerDay, 'tries a day');
  above(['decoys', 'perDevicePerDay'], body.decoys.perDevicePerDay, CEILINGS.triesPerDevicePerDay, 'tries a day');
  if (body.limits.gapMs < CEILINGS.gapMs)
    throw new Fault(
      'mandate-refused',
      `"limits.gapMs" is ${body.limits.gapMs}, below the least gap of ${CEILINGS.gapMs} ms`,
      'raise it and have it signed again',
      { where: where(['body', 'limits', 'gapMs']) },
    );
}
