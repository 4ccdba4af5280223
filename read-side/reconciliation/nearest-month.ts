/** The beginning of a month in UTC that is nearest to an instant, before it or after it. */
export function nearestMonth(instant: Date): Date {
  const month = (ahead: number) => new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth() + ahead, 1))
  const [begun, next] = [month(0), month(1)]
  const isPastHalf = 2 * instant.getTime() > begun.getTime() + next.getTime()
  return isPastHalf ? next : begun
}
