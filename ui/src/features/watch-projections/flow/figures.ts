const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })

/** A figure of the flow: small ones with a tenth, and a dash where nobody answered. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  return value < 100 ? tenths.format(value) : whole.format(value)
}

/** `48 s`, `3 min`, or a dash. */
export function duration(seconds: number | null): string {
  if (seconds === null) return '–'
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}
