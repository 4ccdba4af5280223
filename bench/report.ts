/** What was measured. A speed stands beside the floor of the same run, since machines differ and are shared. */
export type Measure = {
  readonly name: string
  readonly perSecond?: number
  /** The speed as a share of the floor's, and which floor that is. */
  readonly ofFloor?: number
  readonly floor?: string
  readonly p50Ms?: number
  readonly p99Ms?: number
  /** CPU time in µs that a payment took of each process. */
  readonly cpuMicros?: Readonly<Record<string, number>> | undefined
  /** Anything else, with its unit. */
  readonly figure?: string
}

/** A part of a run: what it measured, and on which log. */
export type Section = { readonly title: string; readonly measures: readonly Measure[] }

/** A Markdown table of a section. */
export function tableOf({ title, measures }: Section): string {
  const hasCpu = measures.some(({ cpuMicros }) => cpuMicros !== undefined)
  const rows = measures.map((measure) => {
    const { name, perSecond, ofFloor, floor, p50Ms, p99Ms, figure, cpuMicros } = measure
    const speed = perSecond === undefined ? (figure ?? '') : `${Math.round(perSecond).toLocaleString('en')}/s`
    const share = ofFloor === undefined ? '' : `${ofFloor.toFixed(2)} of ${floor}`
    const cells = [name, speed, share, millisecondsOf(p50Ms), millisecondsOf(p99Ms)]
    return `| ${[...cells, ...(hasCpu ? [cpuText(cpuMicros)] : [])].join(' | ')} |`
  })
  const head = hasCpu
    ? [
        '| what | measured | beside its floor | p50 ms | p99 ms | CPU µs a payment |',
        '| --- | ---: | --- | ---: | ---: | --- |',
      ]
    : ['| what | measured | beside its floor | p50 ms | p99 ms |', '| --- | ---: | --- | ---: | ---: |']
  return [`## ${title}`, '', ...head, ...rows].join('\n')
}

/** The median and the 99th percentile of some times. */
export function percentilesOf(timesMs: readonly number[]): { p50Ms: number; p99Ms: number } {
  const sorted = [...timesMs].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}

function millisecondsOf(ms: number | undefined): string {
  return ms === undefined ? '' : ms.toFixed(1)
}

function cpuText(cpuMicros: Readonly<Record<string, number>> = {}): string {
  return Object.entries(cpuMicros)
    .map(([name, micros]) => `${name} ${micros.toFixed(0)}`)
    .join(', ')
}
