import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { until } from '../share/shared-memory.contract.ts'
import { type Discovery, nameOf } from './discovery.ts'

export type DiscoveryUnderTest = {
  readonly discovery: Discovery
  /** What instances by these ports are called, where the discovery names them. */
  readonly named: (port: number) => string
  /** Where instances come and go. */
  readonly store?: {
    /** Those by these ports are all that there are. */
    has(ports: readonly number[]): void | Promise<void>
    /** It answers nobody any more, or again. */
    become(mood: 'away' | 'well'): void
  }
}

/** The cases that every way of finding instances passes. It opens on instances by the ports 8001 and 8002. */
export function describeDiscovery(
  name: string,
  changes: boolean,
  open: (context: TestContext) => Promise<DiscoveryUnderTest>,
): void {
  const opened: Opened = async (context) => {
    const under = await open(context)
    context.after(() => under.discovery.close())
    await under.discovery.looked
    const { discovery, named } = under
    const has = (ports: readonly number[]) =>
      until(() => String(discovery.places().map(nameOf).toSorted()) === String(ports.map(named)))
    return { ...under, untilHas: has }
  }
  describe(`instances by ${name}`, { timeout: 30_000 }, () => {
    test('all of them are known as soon as it has looked once', async (context) => {
      const { discovery, named } = await opened(context)
      assert.deepEqual(discovery.places().map(nameOf).toSorted(), [named(8001), named(8002)])
      assert.equal(discovery.trouble(), undefined)
    })

    test('it ends, whatever it is about', async (context) => {
      const { discovery, store } = await opened(context)
      store?.become('away')
      await discovery.close()
    })
    if (changes) describeChanges(opened)
  })
}

type Opened = (
  context: TestContext,
) => Promise<DiscoveryUnderTest & { readonly untilHas: (ports: readonly number[]) => Promise<void> }>

function describeChanges(opened: Opened): void {
  test('one that comes and one that goes are told, each once', async (context) => {
    const { discovery, store, untilHas } = await opened(context)
    assert.ok(store)
    let told = 0
    discovery.onChange(() => {
      told += 1
    })
    await store.has([8001, 8002, 8003])
    await untilHas([8001, 8002, 8003])
    await store.has([8002, 8003])
    await untilHas([8002, 8003])
    assert.equal(told, 2)
  })

  for (const failing of ['is away', 'knows of none'] as const) {
    test(`while what says so ${failing} those of before are kept, and that is a trouble`, async (context) => {
      const { discovery, store, untilHas } = await opened(context)
      assert.ok(store)
      if (failing === 'is away') store.become('away')
      else await store.has([])
      await until(() => discovery.trouble() !== undefined)
      assert.match(discovery.trouble() ?? '', /^instances of accounts cannot be looked for at .*, those of before/)
      await untilHas([8001, 8002])
      store.become('well')
      await store.has([8002, 8003])
      await untilHas([8002, 8003])
      assert.equal(discovery.trouble(), undefined)
    })
  }
}
