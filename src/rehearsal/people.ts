/**
 * The customers: invented people in invented places. Postcodes begin with 000, which no place in Japan has; mail
 * addresses end in `.example`, which no mail leaves for. Some names need kanji outside the everyday fonts on purpose.
 */
import type { Contact } from '../record/alert.ts';
import type { Random } from './random.ts';

const FAMILY = [
  '佐藤',
  '鈴木',
  '髙﨑',
  '田中',
  '渡邉',
  '伊藤',
  '山本',
  '齋藤',
  '小林',
  '濵田',
  '加藤',
  '栁澤',
  '中村',
  '櫻井',
];
const GIVEN = ['陽子', '健一', '美咲', '大輔', '千鶴', '翔太', '凜', '和彦', '葵', '清', '真由美', '蓮'];
const FAMILY_EN = ['Hoshizora', 'Kazemi', 'Miller', 'Santos', 'Nguyen', 'Okonkwo'];
const GIVEN_EN = ['Alex', 'Maria', 'Linh', 'Sam', 'Ada', 'Ken'];
const TOWNS = ['みなと市汐見町', 'ひのき市緑が丘', 'つくし市中央', 'さざなみ町大字浜', 'あけぼの市東'];
const TOWNS_EN = ['Shiomi, Minato-shi', 'Midorigaoka, Hinoki-shi', 'Chuo, Tsukushi-shi'];
const HOUSES = ['コーポ潮風', 'メゾン若葉', '第二訓練ビル', 'グリーンハイツ'];

export const RARE_NAME = '𠮷野 凜';
/** Share of customers whose ISP holds a mail address for them; the others can only be written to on paper. */
export const WITH_EMAIL = 0.7;
const IN_ENGLISH = 0.08;

export function makeContact(subscriber: string, domain: string, random: Random, rare: boolean): Contact {
  const postcode = `000-${String(random.below(10_000)).padStart(4, '0')}`;
  const block = `${1 + random.below(5)}-${1 + random.below(30)}-${1 + random.below(20)}`;
  const room = random.chance(0.4) ? `${1 + random.below(9)}0${1 + random.below(9)}` : undefined;
  const email = random.chance(WITH_EMAIL) && !rare ? `${subscriber.toLowerCase()}@${domain}.example` : null;
  if (random.chance(IN_ENGLISH) && !rare)
    return {
      subscriber,
      name: `${random.pick(GIVEN_EN)} ${random.pick(FAMILY_EN)}`,
      email,
      postcode,
      address: [`${block} ${random.pick(TOWNS_EN)}, Kunren-ken`, ...(room ? [`Room ${room}`] : [])],
      language: 'en',
    };
  return {
    subscriber,
    name: rare ? RARE_NAME : `${random.pick(FAMILY)} ${random.pick(GIVEN)}`,
    email,
    postcode,
    address: [`訓練県${random.pick(TOWNS)}${block}`, ...(room ? [`${random.pick(HOUSES)} ${room}号`] : [])],
    language: 'ja',
  };
}
