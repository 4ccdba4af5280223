import { z } from 'zod'
import type { Clock } from '../clock.ts'

/** An instance of a service, as the registry shows it to others. */
export type RegisteredInstance = {
  /** Its name as of a process, such as `accounts`. */
  readonly service: string
  /** Where others reach it. */
  readonly url: URL
  /** How often it renews; who has not for three times as long is forgotten. */
  readonly renewSeconds: number
}

/** A server that speaks Eureka's REST protocol. Each call rejects with RegistryError where it does not answer. */
export type Registry = {
  /** For people, without user and password. */
  readonly name: string
  register(instance: RegisteredInstance): Promise<void>
  /** False where it does not know the instance, which then has to register anew. */
  renew(instance: RegisteredInstance): Promise<boolean>
  unregister(instance: RegisteredInstance): Promise<void>
  /** Of a service, by that protocol, those that are up; none where it knows of none. */
  originsOf(service: string, protocol: 'http:' | 'https:'): Promise<readonly string[]>
}

export class RegistryError extends Error {
  readonly code = 'registry'
}

const ANSWERS_WITHIN_MS = 3_000
/** Thousands of instances. */
const MOST_BYTES = 4 * 1024 * 1024

const Port = z.object({ $: z.coerce.number(), '@enabled': z.coerce.string() })
const Instance = z.object({
  hostName: z.string(),
  status: z.string(),
  port: Port.optional(),
  securePort: Port.optional(),
})
/** Where there is one instance, older servers write no list. */
const Application = z.object({
  application: z.object({ instance: z.union([z.array(Instance), Instance.transform((one) => [one])]) }),
})

/** Of several addresses, servers that tell each other, the next one is asked where one does not answer. */
export function openRegistry(addresses: string, clock: Clock): Registry {
  const servers = addresses.split(',').map((address) => new URL(address.trim()))
  let first = 0

  async function ask(method: string, path: string, body?: object): Promise<Answer> {
    let failure: unknown
    for (let tried = 0; tried < servers.length; tried += 1) {
      const index = (first + tried) % servers.length
      const server = servers[index]
      try {
        if (!server) continue
        const answer = await askOne(server, clock, method, path, body)
        first = index
        return answer
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
  const pathOf = (instance: RegisteredInstance) =>
    `apps/${appOf(instance.service)}/${encodeURIComponent(idOf(instance))}`
  return {
    name: servers.map(({ origin }) => origin).join(),
    async register(instance) {
      const { status } = await ask('POST', `apps/${appOf(instance.service)}`, { instance: shapeOf(instance) })
      if (status !== 204 && status !== 200) throw new RegistryError(`it answers ${status} to who registers`)
    },
    async renew(instance) {
      const { status } = await ask('PUT', `${pathOf(instance)}?status=UP`)
      if (status === 404) return false
      if (status !== 200) throw new RegistryError(`it answers ${status} to who renews`)
      return true
    },
    async unregister(instance) {
      const { status } = await ask('DELETE', pathOf(instance))
      if (status !== 200 && status !== 404) throw new RegistryError(`it answers ${status} to who unregisters`)
    },
    async originsOf(service, protocol) {
      const { status, text } = await ask('GET', `apps/${appOf(service)}`)
      if (status === 404) return []
      if (status !== 200) throw new RegistryError(`it answers ${status} to who asks for instances`)
      return originsIn(text, protocol)
    },
  }
}

function originsIn(text: string, protocol: 'http:' | 'https:'): readonly string[] {
  try {
    const { application } = Application.parse(JSON.parse(text))
    const up = application.instance.filter(({ status }) => status === 'UP')
    const origins = up.flatMap(({ hostName, port, securePort }) => {
      const wanted = protocol === 'https:' ? securePort : port
      // What one instance says of itself keeps nobody from finding the others.
      const url = wanted?.['@enabled'] === 'true' ? URL.parse(`${protocol}//${hostName}:${wanted.$}`) : null
      return url ? [url.origin] : []
    })
    return [...new Set(origins)]
  } catch (cause) {
    throw new RegistryError('it answers in a form that is not that of Eureka', { cause })
  }
}

/** Eureka's names are in capitals. */
function appOf(service: string): string {
  return encodeURIComponent(service.toUpperCase())
}

function idOf({ service, url }: RegisteredInstance): string {
  return `${url.hostname}:${service}:${portOf(url)}`
}

function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

/** com.netflix.appinfo.InstanceInfo, as Eureka's wiki has it in JSON. */
function shapeOf(instance: RegisteredInstance) {
  const { service, url, renewSeconds } = instance
  const port = (protocol: string, other: number) => ({
    $: url.protocol === protocol ? portOf(url) : other,
    '@enabled': String(url.protocol === protocol),
  })
  return {
    ...{ instanceId: idOf(instance), app: service.toUpperCase(), hostName: url.hostname, ipAddr: url.hostname },
    ...{ vipAddress: service, secureVipAddress: service, status: 'UP' },
    ...{ port: port('http:', 80), securePort: port('https:', 443) },
    leaseInfo: { renewalIntervalInSecs: renewSeconds, durationInSecs: renewSeconds * 3 },
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  }
}

type Answer = { readonly status: number; readonly text: string }

async function askOne(server: URL, clock: Clock, method: string, path: string, body?: object): Promise<Answer> {
  const { username, password, origin, pathname } = server
  const login = [username, password].map(decodeURIComponent).join(':')
  const headers = {
    accept: 'application/json',
    ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
    ...(body ? { 'content-type': 'application/json' } : {}),
  }
  const signal = clock.deadline(ANSWERS_WITHIN_MS)
  const asked = { method, headers, signal, redirect: 'error', ...(body ? { body: JSON.stringify(body) } : {}) } as const
  try {
    const answer = await fetch(`${origin}${pathname.replace(/\/+$/, '')}/${path}`, asked)
    return { status: answer.status, text: await boundedText(answer) }
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    throw new RegistryError(signal.aborted ? `no answer within ${ANSWERS_WITHIN_MS} ms` : 'no answer', { cause })
  }
}

async function boundedText(answer: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.byteLength
    if (bytes > MOST_BYTES) throw new RegistryError(`its answer has more than ${MOST_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
