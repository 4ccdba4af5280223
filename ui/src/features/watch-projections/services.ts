import type { LastFailure, ProjectionStatus } from '@micropay/schemas/api/projection'
import type { Freshness } from '../../api/freshness.ts'
import type { Rows } from './known-projections.ts'

/** The services that have projections, each once, by name. */
export function listServices(statuses: readonly { readonly service: string }[]): string[] {
  return [...new Set(statuses.map((status) => status.service))].sort()
}

/** The services that keep a version to go back to; one of a history that a person has given up is none. */
export function listWaysBack(statuses: readonly ProjectionStatus[]): string[] {
  const kept = statuses.filter(({ state }) => state === 'retired')
  const isGivenUp = ({ schema }: ProjectionStatus) =>
    kept.some((one) => one.schema === schema && one.givenUpBy !== null)
  return listServices(kept.filter((one) => !isGivenUp(one)))
}

export type Failed = LastFailure & { readonly service: string }

/** The last rebuild or rollback that failed, of each service where none has succeeded since. */
export function failuresOf(statuses: readonly ProjectionStatus[]): Failed[] {
  const failed = statuses.flatMap(({ service, lastFailure }) => (lastFailure ? [{ service, ...lastFailure }] : []))
  return [...new Map(failed.map((one) => [one.service, one])).values()]
}

/** What the live read models reflect, by the one that is furthest behind; the answer itself has no position. */
export function reflectedBy({ statuses, strangers }: Rows, freshness: Freshness): Freshness {
  const live = statuses.filter((status) => status.state === 'live')
  const ages = [...live.map(({ lagSeconds }) => lagSeconds), ...strangers.map(({ seconds }) => seconds)]
  return {
    ...freshness,
    position: live.length === 0 ? null : [...new Set(live.map((status) => status.position))].join(','),
    ageSeconds: ages.length === 0 ? null : Math.max(...ages),
  }
}

/** A version that is taking over; `what` is known only to the page that asked for it. */
export type Switch = {
  readonly service: string
  readonly schema: string
  readonly what?: 'rebuild' | 'rollback'
}

/**
 * The versions to tell about: the one that was asked for here, to its end, and all that are being built, whoever asked
 * and whenever.
 */
export function listSwitches(statuses: readonly ProjectionStatus[], asked: Switch | undefined): Switch[] {
  const schemas = new Map(
    statuses
      .filter(({ state, schema }) => state === 'building' && schema !== asked?.schema)
      .map(({ schema, service }) => [schema, { schema, service }] as const),
  )
  return [...(asked ? [asked] : []), ...schemas.values()]
}

/**
 * Whether a service would refuse another switch. One that was left by a worker that died stays in the list and does not
 * move: asking anew is what ends it, so it must not be in the way.
 */
export function isSwitching(statuses: readonly ProjectionStatus[], service: string): boolean {
  return statuses.some((one) => one.service === service && one.state === 'building' && one.ratePerSecond > 0)
}
