/** Microseconds since 2000-01-01 in UTC, of an instant as RFC 3339 writes it. Throws RangeError for any other text. */
export function sincePostgresEpoch(instant: string): bigint {
  const ms = rfc3339.test(instant) && isDay(instant) ? Date.parse(instant) : Number.NaN
  if (Number.isNaN(ms)) throw new RangeError(`${JSON.stringify(instant)} is no instant as RFC 3339 writes it`)
  return BigInt(ms - POSTGRES_EPOCH_MS) * 1000n + BigInt(beyondMs(instant))
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1)
/** `2026-03-01T09:30:00.000Z` */
const TO_THE_MS = 24

/** Date.parse takes the 31st of February for the 3rd of March. */
function isDay(instant: string): boolean {
  const day = Number(instant.slice(8, 10))
  return (
    day <= 28 || day <= new Date(Date.UTC(Number(instant.slice(0, 4)), Number(instant.slice(5, 7)), 0)).getUTCDate()
  )
}

/** The microseconds that Date.parse leaves out. */
function beyondMs(instant: string): number {
  const digits = instant.length > TO_THE_MS ? /\.\d{3}(\d+)/.exec(instant)?.[1] : undefined
  return digits === undefined ? 0 : Number(digits.padEnd(3, '0'))
}
