/**
 * How many characters an IBAN has in each country, from the IBAN registry of ISO 13616. Countries join it: one that is
 * not named here may have any number of 15 to 34.
 */
const lengths = new Map(
  [
    'NO15 BE16 DK18 FI18 FK18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20',
    'CH21 HR21 LI21 LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22',
    'AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24',
    'LY25 PT25 ST25 IS26 TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27',
    'AL28 AZ28 BY28 CY28 DO28 GT28 HN28 HU28 LB28 NI28 PL28 SV28 BR29 EG29 PS29 QA29 UA29',
    'JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33',
  ]
    .flatMap((row) => row.split(' '))
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

/** As IBANs are compared: people and banks write them with spaces, and in any case. */
export function normalIban(iban: string): string {
  return iban.replaceAll(/\s/g, '').toUpperCase()
}

/**
 * What is wrong with an IBAN that is written normally, for its sender; undefined for nothing. ISO 13616: two letters of
 * a country, check digits with which the whole is 1 modulo 97 (ISO 7064), and the country's number of characters.
 */
export function wrongWithIban(iban: string): string | undefined {
  if (!/^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/.test(iban)) {
    return 'an IBAN is two letters, two check digits and 11 to 30 letters and digits'
  }
  const length = lengths.get(iban.slice(0, 2))
  if (length !== undefined && iban.length !== length) {
    return `one of ${iban.slice(0, 2)} has ${length} characters, and this one ${iban.length}`
  }
  return remainder97(`${iban.slice(4)}${iban.slice(0, 4)}`) === 1 ? undefined : 'its check digits are those of another'
}

/** Letters stand for 10 to 35. */
function remainder97(text: string): number {
  let remainder = 0
  for (const character of text) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder
}
