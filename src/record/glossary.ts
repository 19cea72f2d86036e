/**
 * The words of the project. Code, pages and documents use exactly these, in exactly this sense.
 *
 * mandate      the signed plan: who may probe what, from where, when, with which catalogue, how often
 * consent      an ISP's signed list of its own prefixes, good for 40 days, carrying the key findings there are sealed to
 * scope        the mandate's consented prefixes minus exclusions, reserved space and never-touch ports, as a bitmap
 * round        one pass of the survey over the scope, usually a month
 * shard        a leased chunk of the round's permutation, resumable at an index
 * sweep        finding which (address, port) answer
 * probe        one conversation with one service
 * observation  what one probe saw, with source and destination address and port, and instant; append-only
 * attempt      one credential tried; reserved in the budget before it is sent
 * decoy        a random credential that must be refused, or the device accepts anything
 * verdict      the closed outcome of a check
 * finding      a weakness seen once: guessable, no-login, vulnerable firmware, infected, reflector
 * case         the findings of one kind about one line, from first seen to closed
 * bundle       cases for one ISP, sealed and numbered without gaps
 * assignment   an interval in which a subscriber line held an address, or a port range of it
 * alert        one message to one subscriber over one channel; its alert code names the case
 * alert code   12 digits and a Damm check digit, printed 4-4-5
 * support line a telephone number with its cost, where it can be called from and its hours; always shown together
 * ladder       the order and spacing of alerts
 * re-check     one probe of a case's recorded target, asked for by the owner
 * inquiry      a question to the support centre
 *
 * This file holds the closed sets those words range over.
 */

/** Weaknesses the programme reports. */
export const FINDING_KINDS = ['guessable', 'no-login', 'firmware', 'infected', 'reflector'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * Application protocols the mandate can name for a port. `http` answers Basic and Digest; `http-form` also one declared
 * login form; the names with `https` are the same over TLS. Forms and FTP are spoken only where a mandate names them.
 */
export const PROTOCOLS = ['telnet', 'ssh', 'http', 'https', 'http-form', 'https-form', 'ftp'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What may be done to a service; the gate is asked with one of these each time. */
export const ACTS = ['sweep', 'identify', 'no-login', 'attempt', 'decoy', 'recheck'] as const;
export type Act = (typeof ACTS)[number];

/** How an ISP's pool hands out addresses. */
export const POOL_KINDS = ['dedicated', 'dynamic', 'cgn', 'map-e', 'reseller'] as const;
export type PoolKind = (typeof POOL_KINDS)[number];
