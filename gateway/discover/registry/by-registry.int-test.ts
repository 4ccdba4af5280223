import { systemClock as clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openRegistry } from '@micropay/runtime/registry/eureka'
import { startEurekaServer } from '@micropay/runtime/registry/eureka-server.fixture'
import { describeDiscovery } from '../discovery.contract.ts'
import { byRegistry } from './by-registry.ts'

const log = createLogger('test', 'silent')
const instanceAt = (port: number) => ({
  service: 'accounts',
  url: new URL(`http://127.0.0.1:${port}`),
  renewSeconds: 30,
})

describeDiscovery('a registry', true, async (context) => {
  const server = await startEurekaServer()
  context.after(() => server.close())
  const registry = openRegistry(server.url, clock)
  let known: readonly number[] = []
  const has = async (ports: readonly number[]) => {
    for (const port of ports) await registry.register(instanceAt(port))
    const gone = known.filter((port) => !ports.includes(port))
    for (const port of gone) await registry.unregister(instanceAt(port))
    known = ports
  }
  await has([8001, 8002])
  const url = new URL('http://accounts')
  return {
    discovery: byRegistry({ service: 'accounts', url, registry, everyMs: 500, clock, log }),
    named: (port) => `http://127.0.0.1:${port}`,
    store: { has, become: server.become },
  }
})
