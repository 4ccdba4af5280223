/**
 * What is different in the answer that came from the one that a document shows, each with its place in it; nothing
 * where they agree. Every member and every figure counts but what differs from run to run: an instant may be any of
 * this run, from `begunMs` to `latestMs` (Unix time), and a day that of today. `…` in what is shown stands for any
 * other members, or for any value.
 */
export function compareAnswer(shown: string, came: unknown, run: Run): readonly string[] {
  return differences(readShown(shown), came, run, '')
}

export type Run = { readonly begunMs: number; readonly latestMs: number; readonly today: string }

/**
 * The same text of a ledger that has so many commits more, or fewer: every command takes one place, so all ids and
 * positions move by as many.
 */
export function movedBy(commits: number, text: string): string {
  const place = /(?<=\b(?:pay|prp|prd|pol)-0-|\b0:|"seq":|\bsequence |\bfigures are of )\d+/g
  return text.replace(place, (seq) => String(Number(seq) + commits))
}

const LEFT_OUT = '…'

function readShown(json: string): unknown {
  const quoted = json.replace(/("(?:[^"\\]|\\.)*")|…(\s*\})?/gs, (found, text: string | undefined, end = '') =>
    text === undefined ? `"${LEFT_OUT}"${end === '' ? '' : `:0${end}`}` : found,
  )
  return JSON.parse(quoted)
}

function differences(shown: unknown, came: unknown, run: Run, place: string): string[] {
  if (shown === LEFT_OUT) return []
  if (typeof shown === 'string' && typeof came === 'string' && isSameText(shown, came, run)) return []
  if (Array.isArray(shown) && Array.isArray(came) && shown.length === came.length) {
    return shown.flatMap((item, index) => differences(item, came[index], run, `${place}/${index}`))
  }
  if (isObject(shown) && isObject(came)) return memberDifferences(shown, came, run, place)
  if (shown === came) return []
  return [`${place || '/'} is ${JSON.stringify(came)} and not ${JSON.stringify(shown)}`]
}

function memberDifferences(shown: Members, came: Members, run: Run, place: string): string[] {
  const { [LEFT_OUT]: rest, ...members } = shown
  const unexpected = Object.keys(came).filter((name) => rest === undefined && !(name in members))
  return [
    ...Object.entries(members).flatMap(([name, value]) => differences(value, came[name], run, `${place}/${name}`)),
    ...unexpected.map((name) => `${place}/${name} is not shown: ${JSON.stringify(came[name])}`),
  ]
}

type Members = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSameText(shown: string, came: string, run: Run): boolean {
  const [these, those] = [shown.split(times), came.split(times)]
  return these.length === those.length && these.every((part, index) => isSamePart(part, those[index] ?? '', run))
}

function isSamePart(shown: string, came: string, { begunMs, latestMs, today }: Run): boolean {
  if (shown === came) return true
  if (isDay.test(shown)) return came === today
  return isInstant.test(shown) && isInstant.test(came) && Date.parse(came) >= begunMs && Date.parse(came) <= latestMs
}

const times = /(\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?)/
const isDay = /^\d{4}-\d\d-\d\d$/
const isInstant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
