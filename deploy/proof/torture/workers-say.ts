import { valueIn } from './ask.ts'

/**
 * What a worker, asked at `url`, says of each partition at each worker; throws where it does not answer within so many
 * times 3 s.
 */
export async function partitionsAt(url: string, authorization: string, patience: number): Promise<readonly unknown[]> {
  const signal = AbortSignal.timeout(3_000 * patience)
  const answer = await fetch(`${url}/v1/workers`, { headers: { authorization }, signal })
  const items = valueIn(await answer.json(), 'items')
  return Array.isArray(items) ? items : []
}
