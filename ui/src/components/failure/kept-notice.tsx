import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { keptSince } from '../../data/kept-reads.ts'
import { useServices } from '../../services/app-context.ts'
import { formatTime } from '../instant.tsx'
import { Notice } from '../notice.tsx'

/** Says from when the figures are that the gateway has kept, while the service that knows them is away. */
export function KeptNotice() {
  const { clock } = useServices()
  const cache = useQueryClient().getQueryCache()
  const [sinceMs, setSinceMs] = useState<number>()
  useEffect(() => clock.every(500, () => setSinceMs(keptSince(cache))), [cache, clock])
  if (sinceMs === undefined) return null
  return (
    <div className="mx-auto mb-5 w-full max-w-5xl" data-testid="kept">
      <Notice tone="warn" title={<>What is shown is of {formatTime(sinceMs)}, and may have changed since</>}>
        The service that knows it does not answer right now. It is asked again by itself.
      </Notice>
    </div>
  )
}
