/** The fonts of a letter, by explicit path and never the system's: BIZ UDPGothic, and Noto Sans JP for rare kanji. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILES = [
  '@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf',
  '@expo-google-fonts/biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf',
  '@expo-google-fonts/noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf',
] as const;

export interface LetterFonts {
  readonly regular: Buffer;
  readonly bold: Buffer;
  readonly rare: Buffer;
}

export function readFonts(): LetterFonts {
  const [regular, bold, rare] = FILES.map(file => readFileSync(fileURLToPath(import.meta.resolve(file))));
  return { regular: regular as Buffer, bold: bold as Buffer, rare: rare as Buffer };
}
