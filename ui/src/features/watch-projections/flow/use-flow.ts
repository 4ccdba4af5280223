import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { projectionsQuery } from '../../../data/flow/list-projections.ts'
import { trafficQuery, workersQuery } from '../../../data/flow/watch-flow.ts'
import { useServices } from '../../../services/app-context.ts'
import { type FlowSample, remember, sampleOf } from './sample-flow.ts'

/** The flow as it is and as it was; each second anew, and not while the page is hidden. */
export function useFlow() {
  const { client, clock } = useServices()
  const projections = useQuery(projectionsQuery(client))
  const workers = useQuery(workersQuery(client))
  const traffic = useQuery(trafficQuery(client))
  const [history, setHistory] = useState<readonly FlowSample[]>([])
  const answeredAt = Math.max(workers.dataUpdatedAt, workers.errorUpdatedAt)
  const flow = {
    traffic: traffic.error ? undefined : traffic.data?.value,
    workers: workers.error ? undefined : workers.data?.value.items,
    statuses: projections.error ? undefined : projections.data?.value.items,
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: one sample for each answer of the workers
  useEffect(() => {
    if (answeredAt > 0) setHistory((before) => remember(before, sampleOf(flow, clock.nowMs())))
  }, [answeredAt])
  return { ...flow, projections, workersError: workers.error, history, now: history.at(-1) }
}
