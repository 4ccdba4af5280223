import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { mayRetry, ProblemError } from '../api/problem.ts'
import { sessionKey } from '../api/session.ts'
import { ASK_AGAIN_MS, earlierIn } from '../data/kept-reads.ts'

const MAX_READ_RETRIES = 3
/**
 * For a service that is away the gateway answers at once that it is, to be asked again after a second or two: a minute
 * or two, as long as one that says nothing is waited for, and longer than one takes to start. What has not come
 * meanwhile is told on the page.
 */
const MAX_RETRIES_AWAY = 60
const away = new Set(['upstream_away', 'upstream_unreachable'])

/** The cache of all that was read. Balances come by the live stream, so nothing is polled unless its query says so. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof ProblemError && error.problem.code === 'unauthenticated')
      void queryClient.invalidateQueries({ queryKey: sessionKey })
  }
  const queryClient: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5000,
        refetchInterval: ({ state }) => (earlierIn(state.data).length > 0 ? ASK_AGAIN_MS : false),
        retry: (failures, error) => {
          if (!(error instanceof ProblemError)) return false
          const most = away.has(error.problem.code) ? MAX_RETRIES_AWAY : MAX_READ_RETRIES
          return failures < most && mayRetry(error.problem)
        },
        retryDelay: (failures, error) =>
          error instanceof ProblemError && error.retryAfterSeconds !== undefined
            ? Math.min(error.retryAfterSeconds * 1000, 10_000)
            : Math.min(500 * 2 ** failures, 8000),
      },
      // What is confirmed while the browser is offline fails at once, and is offered again: it must not run later,
      // unseen.
      mutations: { retry: false, networkMode: 'always' },
    },
  })
  return queryClient
}
