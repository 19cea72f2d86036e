/**
 * Known weak firmware, per product. Ranges are half-open: `from` is weak, `to` is the first that is not. A version whose
 * shape is not the product's is undetermined, never vulnerable.
 */
export interface ProductFirmware {
  readonly vendor: string;
  readonly model: string;
  /** How this maker writes versions; see version.ts. */
  readonly shape: 'dotted' | 'letter-suffix';
  readonly vulnerable: readonly { readonly from: string; readonly to: string; readonly weakness: string }[];
}

export const FIRMWARE: readonly ProductFirmware[] = [
  {
    vendor: 'Tsukuba Net',
    model: 'TN-1600',
    shape: 'dotted',
    vulnerable: [{ from: '1.00.00', to: '1.05.00', weakness: 'TN-1600-2026-01' }],
  },
];
