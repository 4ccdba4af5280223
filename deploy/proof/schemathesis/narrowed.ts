import { z } from 'zod'

const OpenApi = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({}))) })
const Parameters = z.array(z.looseObject({ $ref: z.string().optional() }))

/**
 * What a wait for something that never comes would only make slow: positions of any size are another test's
 * (freshness.int-test.ts), and an event stream has no end.
 */
const waiting = ['At-Least', 'Prefer', 'Last-Event-ID'].map((name) => `#/components/parameters/${name}`)
const endless = '/v1/account-events'

/** What Python's regular expressions have no words for, in characters that are some of those. */
const classes: Readonly<Record<string, string>> = {
  ...{ Cc: '\\u0000-\\u001f\\u007f-\\u009f', Cs: '\\ud800-\\udfff', L: 'A-Za-z', M: '\\u0300-\\u036f', N: '0-9' },
}

/** The OpenAPI document as schemathesis is given it, and how many operations it then has. */
export function narrowed(document: string): { readonly text: string; readonly operations: number } {
  const { paths, ...rest } = OpenApi.parse(JSON.parse(document))
  const kept = Object.entries(paths).filter(([path]) => path !== endless)
  const asked = kept.map(([path, methods]) => {
    const narrower = Object.entries(methods).map(([method, { parameters, ...operation }]) => {
      const all = Parameters.catch([]).parse(parameters)
      return [method, { ...operation, parameters: all.filter(({ $ref = '' }) => !waiting.includes($ref)) }]
    })
    return [path, Object.fromEntries(narrower)] as const
  })
  const text = JSON.stringify({ ...rest, paths: Object.fromEntries(asked) })
  return {
    text: text.replaceAll(/\\\\p\{(\w+)\}/g, (all, name: string) => classes[name]?.replaceAll('\\', '\\\\') ?? all),
    operations: kept.flatMap(([, methods]) => Object.keys(methods)).length,
  }
}
