/**
 * The paper that lets a person at an ISP ask about one (address, port, instant) outside a verified bundle. In: the paper, the
 * file of pinned keys, the question, now. Out: its digest, or a Fault that says which demand is not met. Two different people must
 * have signed: who asks and the ISP's lead.
 */
import { z } from 'zod';
import { type JsonFile, readJson, shaped } from '../mandate/json-file.ts';
import { keyIdOf, verifyBody } from '../mandate/keys.ts';
import { digestOf } from '../record/digest.ts';
import { Fault } from '../record/fault.ts';
import { DAY, type Instant, instantOf, isoOf } from '../record/instant.ts';
import type { TrustedKey } from '../record/mandate.ts';

/** A paper is good for a week at most: a look-up is for a case at hand. */
const LONGEST = 7 * DAY;

export const APPROVERS = ['asker', 'lead'] as const;
export type Approver = (typeof APPROVERS)[number];

const instant = z
  .string('must be text')
  .refine(text => instantOf(text) !== undefined, 'must be an instant with its zone');
const body = z.strictObject({
  format: z.literal('notice-isp-approval/1', 'must be "notice-isp-approval/1"'),
  address: z.string('must be text').min(2).max(45),
  port: z.int('must be a port').min(0).max(65_535),
  at: instant,
  reason: z.string('must be text').trim().min(10, 'is too short to be a reason').max(500),
  expires: instant,
});
export type ApprovalBody = z.output<typeof body>;

const signature = z.strictObject({
  by: z.enum(APPROVERS, 'must be asker or lead'),
  key: z.string('must be text').regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits'),
  signature: z.string('must be text').regex(/^[A-Za-z0-9_-]{86}$/, 'must be 64 bytes in base64url'),
});
export const approvalShape = z.strictObject({ body, signatures: z.array(signature) });
export type Approval = z.output<typeof approvalShape>;

const pins = z
  .array(z.strictObject({ key: z.string('must be text'), publicKey: z.string('must be text') }))
  .min(1, 'is empty');
const trustShape = z.strictObject({
  format: z.literal('notice-isp-trust/1', 'must be "notice-isp-trust/1"'),
  asker: pins,
  lead: pins,
});

type Trust = Readonly<Record<Approver, readonly TrustedKey[]>>;

/** Every key id belongs to its key, and nobody is both asker and lead. */
export function loadIspTrust(file: string): Trust {
  const json = readJson(file, 'signature', 'name the file of pinned keys');
  const trust = shaped(
    trustShape,
    json,
    'a file of pinned keys',
    'write {"format","asker":[…],"lead":[…]} as the guide shows',
  );
  for (const { key, publicKey } of [...trust.asker, ...trust.lead])
    if (keyIdOf(publicKey) !== key)
      throw new Fault('signature', `the id ${key} is not of its key`, 'pin the key again', { where: file });
  const both = trust.asker.find(a => trust.lead.some(l => l.publicKey === a.publicKey));
  if (both)
    throw new Fault('signature', `the key ${both.key} is of asker and lead`, 'each must have their own', {
      where: file,
    });
  return trust;
}

export interface AskedByHand {
  readonly address: string;
  readonly port: number;
  readonly at: Instant;
}

const notOf = (paper: ApprovalBody, question: AskedByHand): string | undefined => {
  if (paper.address !== question.address) return 'another address';
  if (paper.port !== question.port) return 'another port';
  return instantOf(paper.at) === question.at ? undefined : 'another instant';
};

/** The signed text is what stands in the file, not what the shape made of it. */
const signedBody = ({ value }: JsonFile): unknown => (value as { body: unknown }).body;

/** Throws Fault: signature, or mandate-refused when the paper is about something else or out of date. */
export function checkApproval(file: string, trustFile: string, question: AskedByHand, now: Instant): string {
  const trust = loadIspTrust(trustFile);
  const json = readJson(file, 'signature', 'name the signed paper');
  const paper = shaped(approvalShape, json, 'an approval', 'write it with notice isp approve');
  const signed = signedBody(json);
  for (const role of APPROVERS)
    if (!paper.signatures.some(s => s.by === role && verifyBody(signed, s, trust[role])))
      throw new Fault('signature', `no valid signature by the ${role}`, 'have it signed with notice isp approve', {
        where: file,
      });
  const other = notOf(paper.body, question);
  const refuse = (what: string, remedy: string) => new Fault('mandate-refused', what, remedy, { where: file });
  if (other) throw refuse(`the paper is about ${other}`, 'ask what was approved, or have this approved');
  const expires = instantOf(paper.body.expires) as Instant;
  if (now >= expires) throw refuse(`the paper expired ${isoOf(expires)}`, 'have a new one signed');
  if (expires - now > LONGEST)
    throw refuse('the paper is good for more than a week', 'have one signed for the case at hand');
  return digestOf(signed);
}
