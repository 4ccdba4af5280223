import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { earlierSince } from '../../data/kept-reads.ts'
import { useServices } from '../../services/app-context.ts'
import { formatTime } from '../instant.tsx'
import { Notice } from '../notice.tsx'

/**
 * Says from when the figures are, while the service that knows them is away and the gateway has kept them, or while it
 * has not heard for long of what was decided.
 */
export function KeptNotice() {
  const { clock } = useServices()
  const cache = useQueryClient().getQueryCache()
  const [earlier, setEarlier] = useState<ReturnType<typeof earlierSince>>()
  useEffect(() => clock.every(500, () => setEarlier(earlierSince(cache))), [cache, clock])
  if (earlier === undefined) return null
  return (
    <div className="mx-auto mb-5 w-full max-w-5xl" data-testid="kept">
      <Notice tone="warn" title={<>What is shown is of {formatTime(earlier.sinceMs)}, and may have changed since</>}>
        {earlier.isKept
          ? 'The service that knows it does not answer right now. It is asked again by itself.'
          : 'What was booked since then is safe, and is not in here yet. It is asked for again by itself.'}
      </Notice>
    </div>
  )
}
