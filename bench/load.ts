import autocannon from 'autocannon'

export type Load = {
  readonly url: string
  readonly connections: number
  readonly durationSeconds: number
  /** The nth request's body and headers. */
  readonly request: (index: number) => { readonly body: string; readonly headers: Readonly<Record<string, string>> }
}

/** Requests answered and those a second, latency in milliseconds, and how many answers were not 2xx. */
export type LoadResult = {
  readonly answered: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failed: number
}

/** POSTs as fast as the answers come, each request made anew, and counts the answers. */
export async function runLoad({ url, connections, durationSeconds, request }: Load): Promise<LoadResult> {
  let index = 0
  const result = await autocannon({
    url,
    connections,
    duration: durationSeconds,
    method: 'POST',
    requests: [
      {
        setupRequest: (prepared) => {
          const { body, headers } = request(index)
          index += 1
          return { ...prepared, body, headers: { ...prepared.headers, ...headers } }
        },
      },
    ],
  })
  return {
    answered: result['2xx'],
    perSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  }
}
