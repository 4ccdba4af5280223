import { describeDiscovery } from '../discovery.contract.ts'
import { byList } from './by-list.ts'

const named = (port: number) => `http://127.0.0.1:${port}`
describeDiscovery('a list', false, async () => ({
  discovery: byList([8001, 8002].map((port) => new URL(named(port)))),
  named,
}))
