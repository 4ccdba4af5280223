import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHAIN_START, type ChainHead, chainLine, type SecurityEvent } from './chain.ts'
import { checkChain } from './check-chain.ts'

const refusal: SecurityEvent = { event: 'refused', status: 401, address: '192.0.2.1', route: '/v1/payments' }

function chainOf(count: number, from: ChainHead = CHAIN_START): { lines: string[]; head: ChainHead } {
  const lines: string[] = []
  let head = from
  for (let index = 0; index < count; index += 1) {
    const next = chainLine(head, { atMs: index, service: 'gateway', what: { ...refusal, reason: `no. ${index}` } })
    lines.push(next.line)
    head = next.head
  }
  return { lines, head }
}

async function* each(lines: readonly string[]) {
  yield* lines
}

const faultsOf = async (lines: readonly string[]) => (await checkChain(each(lines))).faults.map(({ line }) => line)

test('a chain as it was written has no fault, and goes on over several files', async () => {
  const first = chainOf(3)
  const second = chainOf(2, first.head)
  assert.deepEqual(await checkChain(each([...first.lines, '', ...second.lines])), {
    ...{ lines: 5, from: CHAIN_START, head: second.head, faults: [], hasWanted: undefined },
  })
  const later = await checkChain(each(second.lines))
  assert.deepEqual([later.from, later.faults], [first.head, []])
})

test('a line that is left out, moved, doubled or put in is found where it is', async () => {
  const { lines } = chainOf(6)
  const [a = '', b = '', c = '', d = '', e = '', f = ''] = lines
  assert.deepEqual(await faultsOf([a, b, d, e, f]), [3])
  assert.deepEqual(await faultsOf([a, c, b, d, e, f]), [2, 3, 4])
  assert.deepEqual(await faultsOf([a, b, b, c, d, e, f]), [3])
  const forged = chainLine(CHAIN_START, { atMs: 0, service: 'gateway', what: { event: 'signed_in' } }).line
  assert.deepEqual(await faultsOf([a, b, forged, c, d, e, f]), [3, 4])
})

test('whatever single character of a line is changed is found', async () => {
  const { lines } = chainOf(3)
  const middle = lines[1] ?? ''
  for (let at = 0; at < middle.length; at += 1) {
    for (const put of ['0', 'x', ' ', '}']) {
      if (middle[at] === put) continue
      const changed = middle.slice(0, at) + put + middle.slice(at + 1)
      assert.notDeepEqual(await faultsOf([lines[0] ?? '', changed, lines[2] ?? '']), [], changed)
    }
  }
})

test('an end that was cut off is told by a hash that was kept elsewhere', async () => {
  const { lines, head } = chainOf(4)
  assert.equal((await checkChain(each(lines), head.hash)).hasWanted, true)
  const cut = await checkChain(each(lines.slice(0, 2)), head.hash)
  assert.deepEqual([cut.faults, cut.hasWanted], [[], false])
})

test('a line that a crash tore is no fault where the next one says so, and one otherwise', async () => {
  const { lines, head } = chainOf(2)
  const torn = '{"seq":3,"at":"2026'
  const what = { event: 'log_opened', torn: true } as const
  const opened = chainLine(head, { atMs: 9, service: 'gateway', what })
  assert.deepEqual(await faultsOf([...lines, torn, opened.line]), [])
  const untold = chainLine(head, { atMs: 9, service: 'gateway', what: { event: 'log_opened' } })
  assert.deepEqual(await faultsOf([...lines, torn, untold.line]), [3])
  assert.deepEqual(await faultsOf([...lines, torn]), [3])
  assert.deepEqual(await faultsOf([...lines, torn, torn, opened.line]), [3])
})
