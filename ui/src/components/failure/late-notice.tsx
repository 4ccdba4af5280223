import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { isLate, type Waiting, waitingAt } from '../../data/late-reads.ts'
import { useServices } from '../../services/app-context.ts'
import { Notice } from '../notice.tsx'

/**
 * Says that a part of the page has not come, where it would only look empty: a service that stands still is asked for
 * minutes before it counts as failed.
 */
export function LateNotice() {
  const { clock } = useServices()
  const cache = useQueryClient().getQueryCache()
  const [late, setLate] = useState(false)
  useEffect(() => {
    let waiting: Waiting = new Map()
    return clock.every(1_000, () => {
      waiting = waitingAt(waiting, cache, clock.nowMs())
      setLate(isLate(waiting, clock.nowMs()))
    })
  }, [cache, clock])
  if (!late) return null
  return (
    <div className="mx-auto mb-5 w-full max-w-5xl print:hidden">
      <Notice tone="warn" title="Part of this page has not come yet">
        The service that knows it is slow, or stands still. It is asked again by itself; what is shown is as it was
        read.
      </Notice>
    </div>
  )
}
