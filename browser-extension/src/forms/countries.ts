import { normalised } from './words/match';

/** The languages in which names of countries are understood. */
const NAMED_IN = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'cs', 'sv', 'tr', 'ja', 'zh'] as const;

/** Other names that people and pages use. */
const ALSO = new Map([
  ['usa', 'US'],
  ['u s a', 'US'],
  ['united states of america', 'US'],
  ['uk', 'GB'],
  ['great britain', 'GB'],
  ['england', 'GB'],
  ['grossbritannien', 'GB'],
  ['holland', 'NL'],
  ['czech republic', 'CZ'],
  ['turkey', 'TR'],
]);

/** Calling codes, each with its countries; the first is the one that is meant without more. */
const CALLING =
  '1:US,CA 7:RU,KZ 20:EG 27:ZA 30:GR 31:NL 32:BE 33:FR 34:ES 36:HU 39:IT,VA 40:RO 41:CH 43:AT 44:GB,IM,JE,GG 45:DK ' +
  '46:SE 47:NO,SJ 48:PL 49:DE 51:PE 52:MX 53:CU 54:AR 55:BR 56:CL 57:CO 58:VE 60:MY 61:AU 62:ID 63:PH 64:NZ 65:SG ' +
  '66:TH 81:JP 82:KR 84:VN 86:CN 90:TR 91:IN 92:PK 93:AF 94:LK 95:MM 98:IR 212:MA 213:DZ 216:TN 218:LY 220:GM ' +
  '221:SN 225:CI 233:GH 234:NG 237:CM 251:ET 254:KE 255:TZ 256:UG 260:ZM 263:ZW 351:PT 352:LU 353:IE 354:IS 355:AL ' +
  '356:MT 357:CY 358:FI 359:BG 370:LT 371:LV 372:EE 373:MD 374:AM 375:BY 376:AD 377:MC 378:SM 380:UA 381:RS 382:ME ' +
  '385:HR 386:SI 387:BA 389:MK 420:CZ 421:SK 423:LI 502:GT 503:SV 504:HN 505:NI 506:CR 507:PA 591:BO 593:EC 595:PY ' +
  '598:UY 852:HK 853:MO 855:KH 856:LA 880:BD 886:TW 961:LB 962:JO 963:SY 964:IQ 965:KW 966:SA 968:OM 970:PS 971:AE ' +
  '972:IL 973:BH 974:QA 976:MN 977:NP 992:TJ 994:AZ 995:GE 996:KG 998:UZ';

const callingCodes = new Map<string, string>();
const callers = new Map<string, readonly string[]>();
for (const entry of CALLING.split(' ')) {
  const [code = '', countries = ''] = entry.split(':');
  callers.set(code, countries.split(','));
  for (const country of countries.split(',')) callingCodes.set(country, code);
}

/** Where the number of a house stands before its street. */
const NUMBER_FIRST = new Set('US CA GB IE AU NZ FR LU MC ZA IN SG HK MY PH TH IL EG MA TN DZ KE NG PK LK'.split(' '));

/** Where people write a zero before the number of the place when they call from within the country. */
const NO_TRUNK_ZERO = new Set('US CA IT ES PT DK NO PL CZ GR LU MT EE LV SG HK MX'.split(' '));

let codes: readonly string[] | null = null;
const codesByName = new Map<string, Map<string, string>>();

/** The code by ISO 3166 of a country, given its code or its name in any language that is known; null for others. */
export function countryCode(text: string): string | null {
  const code = text.trim().toUpperCase();
  if (/^[A-Z]{2}$/.test(code) && allCodes().includes(code)) return code;
  const plain = normalised(text).trim();
  const other = ALSO.get(plain);
  if (other) return other;
  for (const language of NAMED_IN) {
    const found = namesIn(language).get(plain);
    if (found) return found;
  }
  return null;
}

/** The name of a country in a language. */
export function countryName(code: string, language: string): string {
  return displayNames(language, 'region')?.of(code) ?? code;
}

/** The calling code of a country, without a plus; null when it is not known. */
export function callingCode(country: string): string | null {
  return callingCodes.get(country) ?? null;
}

/** The calling code that a number begins with, given its digits after the plus; null when it is not known. */
export function callingCodeIn(digits: string): string | null {
  for (const length of [1, 2, 3]) if (callers.has(digits.slice(0, length))) return digits.slice(0, length);
  return null;
}

/** The country that a calling code means without more. */
export function countryCalled(code: string): string | null {
  return callers.get(code)?.[0] ?? null;
}

/** Whether a country, by its code, writes the number of a house before its street; not when it is not known. */
export function isNumberFirst(country: string | null): boolean {
  return country !== null && NUMBER_FIRST.has(country);
}

/** Whether calls within a country begin with a zero that calls from abroad leave out; not when it is not known. */
export function hasTrunkZero(country: string | null): boolean {
  return country !== null && !NO_TRUNK_ZERO.has(country);
}

/** The names that the browser has for regions or languages; null for a tag that it does not take. */
export function displayNames(language: string, type: 'region' | 'language'): Intl.DisplayNames | null {
  try {
    return new Intl.DisplayNames([language || 'en', 'en'], { type, fallback: 'none' });
  } catch {
    return null;
  }
}

function allCodes(): readonly string[] {
  codes ??= twoLetters().filter(isCountry);
  return codes;
}

function isCountry(code: string): boolean {
  // What was renamed or is no country, such as `UK` and `EU`, has another code or none here.
  return (
    new Intl.Locale('und', { region: code }).region === code && !/^(EU|EZ|UN|XA|XB|QO|ZZ)$/.test(code) && named(code)
  );
}

const english = displayNames('en', 'region');

function named(code: string): boolean {
  return english?.of(code) !== undefined;
}

function twoLetters(): string[] {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  return letters.flatMap((one) => letters.map((other) => one + other));
}

function namesIn(language: string): Map<string, string> {
  const known = codesByName.get(language);
  if (known) return known;
  const names = displayNames(language, 'region');
  const found = new Map(allCodes().map((code) => [normalised(names?.of(code) ?? code).trim(), code]));
  codesByName.set(language, found);
  return found;
}
