import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { z } from 'zod'
import type { Answered } from './ask.ts'

const Ref = z.object({ $ref: z.string() })
const Answer = z.object({
  content: z.record(z.string(), z.unknown()).default({}),
  headers: z.record(z.string(), z.unknown()).default({}),
})
const Operation = z.object({
  security: z.array(z.record(z.string(), z.array(z.string()))),
  responses: z.record(z.string(), z.union([Ref, Answer])),
})
const OpenApi = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ responses: z.record(z.string(), Answer) }),
  // Whole, and of one mind.
  'x-missing': z.never().optional(),
  'x-conflicts': z.never().optional(),
})

export type ApiDocument = {
  /** `GET /v1/accounts` and the like, with the scopes of which one is enough; none where no token is asked for. */
  readonly operations: readonly { readonly name: string; readonly scopes: readonly string[] }[]
  /** Where an answer is not what the document says of it. */
  faultsOf(operation: string, answer: Answered): string[]
}

/** What HTTP itself says, and what each answer of the site carries. */
const ofEveryAnswer = new Set([
  ...['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'],
  ...['strict-transport-security', 'x-content-type-options', 'x-accel-buffering'],
  // Of the pages that a sign-in ends with.
  ...['content-security-policy', 'referrer-policy', 'permissions-policy', 'x-frame-options'],
])

/** Reads an OpenAPI document to hold answers against it: status, media type, body and headers. */
export function documentOf(text: string): ApiDocument {
  const raw: unknown = JSON.parse(text)
  const { paths, components } = OpenApi.parse(raw)
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'urn:micropay:openapi', ...z.looseObject({}).parse(raw) })
  const validators = new Map<string, ValidateFunction>()
  const validatorAt = (pointer: string) => {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `urn:micropay:openapi#${pointer}` })
    validators.set(pointer, known)
    return known
  }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const byName = new Map(operations.map((one) => [`${one.method.toUpperCase()} ${one.path}`, one]))

  /** The answer that is described for a status, and where it stands. */
  function describedAt(name: string, status: number) {
    const { path = '', method = '', operation } = byName.get(name) ?? {}
    const range = `${Math.floor(status / 100)}XX`
    const key = [String(status), range].find((one) => operation?.responses[one] !== undefined)
    const found = key === undefined ? undefined : operation?.responses[key]
    if (key === undefined || found === undefined) return undefined
    if (!('$ref' in found)) return { answer: found, at: `/paths/${escaped(path)}/${method}/responses/${key}` }
    const answer = components.responses[found.$ref.replace('#/components/responses/', '')]
    return answer && { answer, at: found.$ref.slice(1) }
  }

  return {
    operations: [...byName].map(([name, { operation }]) => {
      return { name, scopes: operation.security.flatMap(({ token = [] }) => token) }
    }),
    faultsOf: (name, { status, headers, text: body }) => {
      const described = describedAt(name, status)
      if (!described) return [`has the status ${status}, which is not described`]
      const { answer, at } = described
      const names = new Set(Object.keys(answer.headers).map((one) => one.toLowerCase()))
      const strange = [...headers.keys()]
        .filter((one) => !names.has(one) && !ofEveryAnswer.has(one))
        .map((one) => `has the header ${one}, which is not described`)
      // Of commands a dry run has none.
      const lost = status === 200 && names.has('age') && !headers.has('position') ? ['has no Position'] : []
      return [...strange, ...lost, ...mediaFaults(answer.content, at, headers, body, validatorAt)]
    },
  }
}

function mediaFaults(
  content: Readonly<Record<string, unknown>>,
  at: string,
  headers: Headers,
  body: string,
  validatorAt: (pointer: string) => ValidateFunction,
): string[] {
  const type = headers.get('content-type')?.split(';')[0]
  if (type === undefined) return body === '' ? [] : ['has a body without a media type']
  if (content[type] === undefined) return [`is ${type}, which is not described`]
  if (!/^application\/(?:problem\+)?json$/.test(type)) return []
  const validate = validatorAt(`${at}/content/${escaped(type)}/schema`)
  if (validate(JSON.parse(body))) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'its body'} ${message}`)
}

/** As a part of a JSON pointer in a URI. */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}
