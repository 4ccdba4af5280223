import './parse-without-eval.ts'
import type { Session } from '@micropay/schemas/api/token'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { watchAttendance } from '../api/attendance.ts'
import { createClient } from '../api/client.ts'
import { rememberOwnWrites } from '../api/own-writes.ts'
import { sessionKey } from '../api/session.ts'
import { ServicesContext } from '../services/app-context.ts'
import { ignoredAtStart } from '../services/ignored-search.ts'
import { browserClock } from '../time/browser-clock.ts'
import { createQueryClient } from './query-client.ts'
import { createAppRouter } from './router.tsx'

const queryClient = createQueryClient()
const ownWrites = rememberOwnWrites(browserClock.nowMs)
const client = createClient({
  fetch: window.fetch.bind(window),
  ownWrites,
  csrfToken: () => queryClient.getQueryData<Session | null>(sessionKey)?.csrfToken,
  isAttended: watchAttendance(window, browserClock.nowMs),
  nowMs: browserClock.nowMs,
})
const router = createAppRouter()
const ignored = ignoredAtStart(router)
const root = document.getElementById('root')
if (!root) throw new Error('index.html lacks the element that the pages are shown in')

createRoot(root).render(
  <StrictMode>
    <ServicesContext value={{ client, ownWrites, clock: browserClock, ignored }}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ServicesContext>
  </StrictMode>,
)
