/** An invented alert, for tests and for looking at a letter. Nothing in it is real: 000 is no postcode, .example no domain. */
import type { AlertContent, Contact, Issuer } from '../../record/alert.ts';

export const SAMPLE_ISSUER: Issuer = {
  programme: { ja: '機器お知らせ事業（架空）', en: 'the device notice programme (fictional)' },
  isp: { ja: 'みなと通信（架空）', en: 'Minato Broadband (fictional)' },
  returnAddress: '〒000-0001 訓練県みなと市汐見町1-1 みなと通信 お客さま係',
  site: 'https://notice.example',
  supportLines: [
    {
      name: '機器お知らせ窓口',
      number: '0000-00-0000',
      cost: { ja: '通話料無料', en: 'free of charge' },
      reach: { ja: '固定電話・携帯電話から', en: 'from fixed and mobile telephones' },
      hours: { ja: '毎日10時から18時（年末年始を除く）', en: 'every day 10:00 to 18:00 except at New Year' },
    },
    {
      name: 'IP電話・海外から',
      number: '000-0000-0000',
      cost: { ja: '通話料がかかります', en: 'at the price of a call' },
      reach: { ja: 'どの電話からも', en: 'from any telephone' },
      hours: { ja: '毎日10時から18時（年末年始を除く）', en: 'every day 10:00 to 18:00 except at New Year' },
    },
  ],
  rehearsal: true,
};

export const SAMPLE_CONTACT: Contact = {
  subscriber: 'MN-0000001',
  name: '𠮷野 凜',
  email: 'mn-0000001@minato.example',
  postcode: '000-0123',
  address: ['訓練県みなと市汐見町3丁目12-5', 'メゾン若葉 203号'],
  language: 'ja',
};

export const sampleContent = (over: Partial<AlertContent> = {}): AlertContent => ({
  message: 'first',
  kind: 'guessable',
  alertCode: '1234567890128',
  protocol: 'telnet',
  vendor: 'Umibe',
  model: 'CamView 200',
  seenAt: Date.UTC(2026, 10, 22, 1, 30),
  writtenAt: Date.UTC(2026, 10, 24, 1, 0),
  contact: SAMPLE_CONTACT,
  issuer: SAMPLE_ISSUER,
  ...over,
});
