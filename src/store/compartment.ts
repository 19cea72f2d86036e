/** Compartments, and what each is called in the database: login `isp_a` is role `notice_isp_a` in schema `isp_a`. */
import { Fault } from '../record/fault.ts';
import type { Seat } from './seat.ts';

/** A compartment's short name, as `openLogin` takes it. */
export type LoginName = 'centre' | 'web' | `isp_${string}`;

/** Letters, digits, _ and - only: it becomes part of names in SQL. */
const ISP_ID = /^[a-z][a-z0-9_-]{0,30}$/;

export const roleOf = (login: LoginName): string => `notice_${login}`;
export const seatOf = (login: LoginName): Seat => ({ role: roleOf(login), schema: login });

/** The login of an ISP's compartment. Throws Fault('input') for an id that may not be part of a name. */
export function ispLogin(id: string): LoginName {
  if (!ISP_ID.test(id))
    throw new Fault(
      'input',
      `"${id}" cannot be an ISP's id`,
      'use a lower-case letter, then up to 30 letters, digits, _ or -',
    );
  return `isp_${id}`;
}
