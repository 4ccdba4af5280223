import { PeriodChecked, PeriodChecklist, PeriodDecided, PeriodList, ZoneDecided } from '@micropay/schemas/api/period'
import { queryOptions } from '@tanstack/react-query'
import type { Client, Decided } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'

export const periodsKey = ['periods'] as const

const path = '/v1/periods'

export function periodsQuery(client: Client) {
  return queryOptions({
    queryKey: [...periodsKey, 'list'] as const,
    queryFn: ({ signal }) => client.read(path, PeriodList, signal),
  })
}

export function periodQuery(client: Client, periodId: string) {
  return queryOptions({
    queryKey: [...periodsKey, 'one', periodId] as const,
    queryFn: ({ signal }) => client.read(`${path}/${encodeURIComponent(periodId)}`, PeriodChecked, signal),
  })
}

/** What is looked at before all days up to one are closed; it stays as it was read until it is asked for again. */
export function checklistQuery(client: Client, through: string) {
  return queryOptions({
    queryKey: [...periodsKey, 'checklist', through] as const,
    queryFn: ({ signal }) => client.read(pathWith(`${path}/checklist`, { through }), PeriodChecklist, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
}

/** The days, and the position and digest that were looked at. */
export type CloseRequest = Pick<PeriodChecklist, 'from' | 'through' | 'seq' | 'digest' | 'seals'>
type Options = { readonly key: string; readonly dryRun?: boolean }

export function closePeriod(
  client: Client,
  { from, through, seq, digest, seals }: CloseRequest,
  { key, dryRun }: Options,
): Promise<Decided<PeriodDecided>> {
  const days = { ...(from === null ? {} : { from }), through }
  const body = { ...days, seq, digest, ...(seals ? { seals } : {}), ...(dryRun ? { dryRun } : {}) }
  return client.command({ path, body, idempotencyKey: key, schema: PeriodDecided })
}

export type ReopenRequest = { readonly periodId: string; readonly reason: string }

export function reopenPeriod(
  client: Client,
  { periodId, reason }: ReopenRequest,
  key: string,
): Promise<Decided<PeriodDecided>> {
  const reopen = `${path}/${encodeURIComponent(periodId)}/reopen`
  return client.command({ path: reopen, body: { reason }, idempotencyKey: key, schema: PeriodDecided })
}

export function callOffClosing(
  client: Client,
  { periodId, reason }: ReopenRequest,
  key: string,
): Promise<Decided<PeriodDecided>> {
  const callOff = `${path}/${encodeURIComponent(periodId)}/call-off`
  return client.command({ path: callOff, body: { reason }, idempotencyKey: key, schema: PeriodDecided })
}

/** In whose days periods are closed from now on. */
export function setZone(client: Client, zone: string, key: string): Promise<Decided<ZoneDecided>> {
  return client.command({ path: '/v1/ledger-zone', body: { zone }, idempotencyKey: key, schema: ZoneDecided })
}
