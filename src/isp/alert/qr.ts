/** A QR code as one SVG path (many boxes would cost three times the work), with the quiet zone of four modules. */
import { encode } from 'uqr';

const QUIET = 4;

export function qrSvg(text: string): string {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  const runs: string[] = [];
  data.forEach((row, y) => {
    for (let x = 0; x < size; x++) {
      if (!row[x] || row[x - 1]) continue;
      let end = x;
      while (row[end + 1]) end++;
      runs.push(`M${x + QUIET} ${y + QUIET}h${end - x + 1}v1h-${end - x + 1}z`);
    }
  });
  const whole = size + QUIET * 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${whole}" shape-rendering="crispEdges"><path d="${runs.join('')}"/></svg>`;
}
