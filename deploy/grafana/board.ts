/** One question to Prometheus, and how its series are called in the legend. `$partition` is chosen above the board. */
export type Query = { readonly expr: string; readonly legend: string }

/** From that value on, in that colour. */
export type Step = { readonly from: number; readonly color: 'green' | 'yellow' | 'red' }

export type Panel = {
  readonly title: string
  /** What it shows and what is normal. */
  readonly description: string
  /** As Grafana calls it: `s`, `bytes`, `percentunit`, `ops`, `short`, ... */
  readonly unit: string
  readonly queries: readonly [Query, ...Query[]]
  /** A line over time, unless it is one figure. */
  readonly kind?: 'lines' | 'figure'
  readonly steps?: readonly Step[]
  /** A page of docs, with its heading: what to do. */
  readonly runbook?: string
}

export type Row = { readonly title: string; readonly panels: readonly [Panel, ...Panel[]] }

/** What may be chosen above a board: a label, and the metric whose series have it. */
export type Choice = { readonly label: string; readonly of: string }

export type Board = {
  /** Kept for ever: links and bookmarks hold it. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly choices?: readonly Choice[]
  readonly rows: readonly Row[]
}

/** How often something happened, by the second. */
export const rate = (series: string) => `rate(${series}[$__rate_interval])`

/** The share `q` of observations of a histogram that took no longer, by these labels. */
export function quantile(q: number, histogram: string, { by = [], where = '' }: Chosen = {}): string {
  return `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${rate(`${histogram}_bucket{${where}}`)}))`
}

type Chosen = { readonly by?: readonly string[]; readonly where?: string }

/** Red from the first one on. */
export const noneIsNormal: readonly Step[] = [
  { from: 0, color: 'green' },
  { from: 1, color: 'red' },
]

/** Red below one: of what is 1 while it is well. */
export const oneIsNormal: readonly Step[] = [
  { from: 0, color: 'red' },
  { from: 1, color: 'green' },
]

export function atMost(warning: number, bad: number): readonly Step[] {
  return [
    { from: 0, color: 'green' },
    { from: warning, color: 'yellow' },
    { from: bad, color: 'red' },
  ]
}
