import assert from 'node:assert/strict'
import { indexTemplate } from '@micropay/elk/index-template'
import { z } from 'zod'

const INDEX = 'logs-micropay-check'
const A_BULK = 1_000
const Bulk = z.object({
  errors: z.boolean(),
  items: z.array(z.object({ create: z.object({ error: z.unknown().optional() }) })),
})
const Found = z.object({
  hits: z.object({
    total: z.object({ value: z.number() }),
    hits: z.array(z.object({ _source: z.record(z.string(), z.unknown()) })),
  }),
})
const Counted = z.object({ count: z.number() })

/** An Elasticsearch with our template, as far as this build of it knows what stands there. */
export function logIndex(url: string) {
  async function ask(method: string, path: string, body: string | undefined, type = 'application/json') {
    const answer = await fetch(`${url}/${path}`, {
      ...{ method, signal: AbortSignal.timeout(60_000) },
      ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text.slice(0, 2_000)}`)
    const said: unknown = JSON.parse(text)
    return said
  }
  const search = async (query: unknown, size = 100) => {
    const body = JSON.stringify({ query, size, track_total_hits: true, sort: [{ '@timestamp': 'asc' }] })
    const { hits } = Found.parse(await ask('POST', `${INDEX}/_search`, body))
    return { total: hits.total.value, documents: hits.hits.map(({ _source }) => _source) }
  }
  return {
    search,
    async putTemplate(): Promise<void> {
      const { data_stream: _, template, ...rest } = indexTemplate()
      const { lifecycle: __, ...index } = template.settings.index
      const known = { ...rest, template: { ...template, settings: { index } } }
      await ask('PUT', '_index_template/logs-micropay', JSON.stringify(known))
    },
    /** What Elasticsearch says to one document: undefined where it takes it. */
    async refusalOf(document: unknown): Promise<string | undefined> {
      const answer = await fetch(`${url}/${INDEX}/_doc`, {
        ...{ method: 'POST', body: JSON.stringify(document), headers: { 'content-type': 'application/json' } },
      })
      return answer.ok ? undefined : answer.text()
    },
    /** Every line, as it was written. Throws with the first that was refused. */
    async index(lines: readonly string[]): Promise<void> {
      for (let from = 0; from < lines.length; from += A_BULK) {
        const body = lines.slice(from, from + A_BULK).map((line) => `{"create":{}}\n${line}\n`)
        const said = Bulk.parse(await ask('POST', `${INDEX}/_bulk`, body.join(''), 'application/x-ndjson'))
        const refused = said.items.findIndex(({ create }) => create.error !== undefined)
        const why = JSON.stringify(said.items[refused]?.create.error)
        assert.ok(!said.errors && refused === -1, `refused: ${why} of ${lines[from + refused]}`)
      }
      await ask('POST', `${INDEX}/_refresh`, undefined)
    },
    async count(): Promise<number> {
      return Counted.parse(await ask('GET', `${INDEX}/_count`, undefined)).count
    },
  }
}

export type LogIndex = ReturnType<typeof logIndex>
