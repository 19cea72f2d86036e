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

export function probingTxt(mandate: MandateFacts, site: string, programme: Both): string {
  const base = site.replace(/\/+$/, '');
  const ports = mandate.ports.map(p => `TCP ${p.port}`).join(', ');
  return [
    `# ${line(programme.en)}: who probes from ${mandate.sources.map(line).join(', ')}`,
    `Canonical: ${line(base)}/.well-known/probing.txt`,
    `Contact: ${line(uri(mandate.organisation.contact))}`,
    `Expires: ${line(mandate.period.to)}`,
    'Preferred-Languages: ja, en',
    `Description: ${line(mandate.organisation.name)} looks for devices with guessable passwords or old software on ${ports} of participating providers; ${line(mandate.legalBasis)}; see ${line(base)}/en/how`,
    '',
  ].join('\n');
}
