import type { z } from 'zod'
import { ProblemError, problemFrom, unreachable } from './problem.ts'

/**
 * A GET whose answer comes line by line (NDJSON): each line is parsed as it comes. Throws ProblemError, also when the
 * answer breaks off.
 */
export async function* readLines<Schema extends z.ZodType>(
  fetcher: typeof fetch,
  path: string,
  schema: Schema,
  signal: AbortSignal,
): AsyncGenerator<z.infer<Schema>> {
  const response = await reaching(signal, () =>
    fetcher(path, {
      headers: { accept: 'application/x-ndjson' },
      credentials: 'same-origin',
      cache: 'no-store',
      signal,
    }),
  )
  if (!response.ok || !response.body) {
    throw new ProblemError(problemFrom(response.status, await reaching(signal, () => response.text())))
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value = '' } = await reaching(signal, () => reader.read())
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield schema.parse(JSON.parse(line))
    if (done) return
  }
}

async function reaching<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) throw error
    throw unreachable()
  }
}
