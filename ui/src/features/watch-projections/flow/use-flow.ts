import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { projectionsQuery } from '../../../data/flow/list-projections.ts'
import { trafficQuery, workersQuery } from '../../../data/flow/watch-flow.ts'
import { useServices } from '../../../services/app-context.ts'
import { hear, nothingKnown, rowsAt } from '../known-projections.ts'
import { type FlowSample, remember, sampleOf } from './sample-flow.ts'
import type { StillAsked } from './stages.ts'

/** Much longer than the gateway waits for a projection, with the second until the next question. */
const LATE_MS = 8_000

/**
 * The flow as it is and as it was: asked each second, and looked at each second whether anybody answers or not, but not
 * while the page is hidden. Who is late with an answer counts as not answering.
 */
export function useFlow() {
  const { client } = useServices()
  const projections = useQuery(projectionsQuery(client))
  const workers = useQuery(workersQuery(client))
  const traffic = useQuery(trafficQuery(client))
  const { nowMs, askedSinceMs } = useSeconds()
  const [history, setHistory] = useState<readonly FlowSample[]>([])
  const [known, setKnown] = useState(nothingKnown)
  const { data, dataUpdatedAt } = projections
  useEffect(() => {
    if (data) setKnown((before) => hear(before, data.value, dataUpdatedAt))
  }, [data, dataUpdatedAt])
  const isLate = ({ dataUpdatedAt: atMs, error }: UseQueryResult) =>
    error !== null || nowMs - Math.max(atMs, askedSinceMs) > LATE_MS
  const deaf = isLate(projections) ? 'is not heard of, since the gateway does not answer' : undefined
  const rows = useMemo(() => rowsAt(known, Math.max(nowMs, dataUpdatedAt), deaf), [known, nowMs, dataUpdatedAt, deaf])
  const flow = {
    traffic: isLate(traffic) ? undefined : traffic.data?.value,
    workers: isLate(workers) ? undefined : workers.data?.value.items,
    ...{ statuses: data ? rows.statuses : undefined, strangers: rows.strangers },
  }
  const asked: StillAsked = {
    traffic: traffic.isPending && !isLate(traffic),
    workers: workers.isPending && !isLate(workers),
    projections: projections.isPending && !isLate(projections),
  }
  const isAsked = asked.traffic || asked.workers || asked.projections
  const now = sampleOf(flow, nowMs)
  // biome-ignore lint/correctness/useExhaustiveDependencies: one sample for each second
  useEffect(() => {
    if (!isAsked) setHistory((before) => remember(before, now))
  }, [nowMs, isAsked])
  return { flow, rows, asked, projections, history, now }
}

/** The time, each second while the page is seen, and since when it is seen: before that, nobody was asked. */
function useSeconds() {
  const { clock } = useServices()
  const [seen, setSeen] = useState(() => ({ nowMs: clock.nowMs(), askedSinceMs: clock.nowMs() }))
  useEffect(() => {
    const look = () => setSeen(({ askedSinceMs }) => ({ nowMs: clock.nowMs(), askedSinceMs }))
    const endLooks = clock.every(1000, () => document.visibilityState === 'visible' && look())
    const turn = () => {
      const nowMs = clock.nowMs()
      if (document.visibilityState === 'visible') setSeen({ nowMs, askedSinceMs: nowMs })
    }
    document.addEventListener('visibilitychange', turn)
    return () => {
      endLooks()
      document.removeEventListener('visibilitychange', turn)
    }
  }, [clock])
  return seen
}
