import type { ProjectionStatus, ProjectionStatusList } from '@micropay/schemas/api/projection'

/** What each service said last, and which of them say nothing now; kept for as long as the page is open. */
export type Known = {
  readonly said: ReadonlyMap<string, Said>
  readonly silent: ReadonlyMap<string, { readonly reason: string; readonly sinceMs: number }>
}

/** `isHeard`: it stands in the newest answer, and is not remembered from an older one. */
type Said = { readonly atMs: number; readonly isHeard: boolean; readonly statuses: readonly ProjectionStatus[] }

export const nothingKnown: Known = { said: new Map(), silent: new Map() }

/**
 * A projection as it says, or, with `silent` (why), as it must be at best by now: where it last was, and behind by all
 * that has passed since.
 */
export type Row = ProjectionStatus & { readonly silent?: string }

/** A service that does not say where it stands, and of which nothing is known but for how long it says nothing. */
export type Stranger = { readonly service: string; readonly silent: string; readonly seconds: number }

export type Rows = { readonly statuses: readonly Row[]; readonly strangers: readonly Stranger[] }

/** What is known after an answer. A service that no answer names any more is forgotten. */
export function hear(known: Known, { items, unreachable }: ProjectionStatusList, atMs: number): Known {
  const said = new Map<string, Said>()
  for (const [service, before] of known.said) {
    if (unreachable.some((one) => one.service === service)) said.set(service, { ...before, isHeard: false })
  }
  for (const service of new Set(items.map((item) => item.service))) {
    said.set(service, { atMs, isHeard: true, statuses: items.filter((item) => item.service === service) })
  }
  const silent = new Map(
    unreachable.map(({ service, reason }) => [
      service,
      { reason, sinceMs: known.silent.get(service)?.sinceMs ?? atMs },
    ]),
  )
  return { said: new Map([...said].sort(([a], [b]) => (a < b ? -1 : 1))), silent }
}

/** The rows at an instant; `deaf` says of each why nobody at all is heard, when that is so. */
export function rowsAt({ said, silent }: Known, nowMs: number, deaf?: string): Rows {
  const all = [...said.values()].flatMap(({ statuses }) => statuses)
  return {
    statuses: [...said].flatMap(([service, { atMs, isHeard, statuses }]) => {
      const why = deaf ?? (isHeard ? undefined : silent.get(service)?.reason)
      return why === undefined ? statuses : statuses.map((row) => atBest(row, why, secondsSince(atMs, nowMs), all))
    }),
    // One that stands in the same answer and is said to be silent there is silent in part.
    strangers: [...silent]
      .filter(([service]) => said.get(service)?.isHeard ?? true)
      .map(([service, { reason, sinceMs }]) => ({
        ...{ service, silent: deaf ?? reason, seconds: secondsSince(sinceMs, nowMs) },
      })),
  }
}

/** It applies nothing as far as anybody knows, and the log, as others see it, goes on. */
function atBest(row: ProjectionStatus, silent: string, seconds: number, all: readonly ProjectionStatus[]): Row {
  const ends = all.filter(({ partition }) => partition === row.partition).flatMap(({ ofRecords }) => ofRecords ?? [])
  const ofRecords = ends.length === 0 ? null : Math.max(...ends)
  return {
    ...row,
    silent,
    ofRecords,
    lagRecords: ofRecords === null ? row.lagRecords : Math.max(row.lagRecords ?? 0, ofRecords - row.appliedRecords),
    percent: ofRecords ? Math.floor((1000 * row.appliedRecords) / ofRecords) / 10 : row.percent,
    etaSeconds: null,
    lagSeconds: row.lagSeconds + seconds,
    ratePerSecond: 0,
  }
}

function secondsSince(atMs: number, nowMs: number): number {
  return Math.max(0, nowMs - atMs) / 1000
}

/** How many answer, of all that there are: `2 of 3 projections answer`; undefined when all do. */
export function answeringOf({ statuses, strangers }: Rows): string | undefined {
  const answering = statuses.filter(({ silent }) => silent === undefined).length
  const total = statuses.length + strangers.length
  return answering === total ? undefined : `${answering} of ${total} projections answer`
}

/** Why a service can be asked for nothing now, such as `does not answer`; undefined when it can. */
export function silenceOf({ statuses, strangers }: Rows, service: string): string | undefined {
  return [...statuses, ...strangers].find((one) => one.service === service && one.silent !== undefined)?.silent
}
