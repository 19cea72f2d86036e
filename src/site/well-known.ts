/** Files for machines: robots.txt, and the probe description of RFC 9511 section 3, built from the mandate. */
import type { Both } from './language.ts';
import type { MandateFacts } from './mandate-facts.ts';

export const ROBOTS = ['/c/', '/code', '/recheck/', '/contact/sent/']
  .flatMap(path => [`Disallow: ${path}`, `Disallow: /en${path}`])
  .reduce((text, line) => `${text}${line}\n`, 'User-agent: *\n');

/** A value is one line of the file, whatever the mandate's text holds. */
const line = (text: string) => text.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();

/** RFC 9116 section 2.5.3: a contact is a URI. */
const uri = (contact: string) =>
  /^[a-z][a-z0-9+.-]*:/i.test(contact)
    ? contact
    : contact.includes('@')
      ? `mailto:${contact}`
      : `tel:${contact.replace(/[^\d+]/g, '')}`;

/** The file itself (RFC 9511 section 3, fields as in RFC 9116). `where`: origins that serve it; `see`: where people read on. */
function describe(mandate: MandateFacts, who: string, where: readonly string[], see: string): string {
  const ports = mandate.ports.map(p => `TCP ${p.port}`).join(', ');
  return [
    `# ${line(who)}: who probes from ${mandate.sources.map(line).join(', ')}`,
    ...where.map(origin => `Canonical: ${line(origin)}/.well-known/probing.txt`),
    `Contact: ${line(uri(mandate.organisation.contact))}`,
    `Expires: ${line(mandate.period.to)}`,
    'Preferred-Languages: ja, en',
    `Description: ${line(mandate.organisation.name)} looks for devices with guessable passwords or old software on ${ports} of participating providers; ${line(mandate.legalBasis)}; see ${line(see)}`,
    '',
  ].join('\n');
}

/** As the public site serves it. */
export function probingTxt(mandate: MandateFacts, site: string, programme: Both): string {
  const base = site.replace(/\/+$/, '');
  return describe(mandate, programme.en, [base], `${base}/en/how`);
}

/** As each source address serves it of itself (RFC 9511 section 4, in band by the probe's source). */
export const sourceProbingTxt = (mandate: MandateFacts, origins: readonly string[]): string =>
  describe(mandate, mandate.organisation.name, origins, `${origins[0] ?? ''}/`);
