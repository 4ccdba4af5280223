import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { StateDisk, Tables } from './tables.ts'

/** What every disk for states is to hold to. Each call of `fresh` makes an empty one. */
export function describeStateDisk(name: string, fresh: FreshDisk): void {
  describe(`a state disk: ${name}`, () => {
    describeTransactions(fresh)
    describeTables(fresh)
    describeOpening(fresh)
  })
}

type FreshDisk = (context: TestContext) => StateDisk

function describeTransactions(fresh: FreshDisk): void {
  test('a transaction that throws changes nothing', async (context) => {
    const tables = await opened(context, fresh(context))
    const [one, other] = [tables.open('one', 'text'), tables.open('other', 'number')]
    await tables.transaction(() => one.put('kept', bytes('before')))
    const failing = tables.transaction(() => {
      one.put('kept', bytes('after'))
      one.put('new', bytes('new'))
      one.remove('kept')
      other.put(7, bytes('seven'))
      throw new Error('a bug')
    })
    await assert.rejects(failing, /a bug/)
    assert.equal(text(one.get('kept')), 'before')
    assert.equal(one.get('new'), undefined)
    assert.equal(other.get(7), undefined)
    await tables.transaction(() => other.put(8, bytes('eight')))
    assert.equal(text(other.get(8)), 'eight')
  })

  test('a transaction sees what it wrote, and nobody sees half of it', async (context) => {
    const tables = await opened(context, fresh(context))
    const table = tables.open('letters', 'text')
    const seen: unknown[] = []
    await tables.transaction(() => {
      table.put('a', bytes('1'))
      seen.push(text(table.get('a')))
      table.put('a', bytes('2'))
      table.put('b', bytes('2'))
      table.remove('b')
      seen.push(text(table.get('a')), table.get('b'))
    })
    assert.deepEqual(seen, ['1', '2', undefined])
    assert.equal(text(table.get('a')), '2')
  })
}

function describeTables(fresh: FreshDisk): void {
  test('entries come in the order of their keys, of every kind, from one on and so many', async (context) => {
    const tables = await opened(context, fresh(context))
    const [texts, numbers] = [tables.open('texts', 'text'), tables.open('numbers', 'number')]
    const binary = tables.open('binary', 'bytes')
    await tables.transaction(() => {
      for (const key of ['b', 'a\nb', 'c', 'a']) texts.put(key, bytes(key))
      for (const key of [1_000, 9, 70_000_000_000, 10]) numbers.put(key, bytes(String(key)))
      for (const key of [[255, 0], [1, 255], [1, 0], [128]]) binary.put(Buffer.from(key), bytes(String(key)))
    })
    assert.deepEqual(keysIn(texts.entries()), ['a', 'a\nb', 'b', 'c'])
    assert.deepEqual(keysIn(numbers.entries()), [9, 10, 1_000, 70_000_000_000])
    assert.deepEqual(keysIn(numbers.entries({ from: 10, limit: 2 })), [10, 1_000])
    assert.deepEqual(keysIn(numbers.entries({ from: 11 })), [1_000, 70_000_000_000])
    assert.deepEqual(keysIn(texts.entries({ limit: 0 })), [])
    assert.deepEqual(keysIn(numbers.entries({ reverse: true, from: 1_000, limit: 2 })), [1_000, 10])
    assert.deepEqual(keysIn(numbers.entries({ reverse: true, from: 999, limit: 1 })), [10])
    assert.deepEqual(keysIn(numbers.entries({ reverse: true, from: 8 })), [])
    assert.deepEqual(keysIn(numbers.entries({ reverse: true, limit: 1 })), [70_000_000_000])
    assert.deepEqual(
      keysIn(binary.entries()).map((key) => Array.from(key)),
      [[1, 0], [1, 255], [128], [255, 0]],
    )
    assert.equal(text(binary.get(Buffer.from([1, 255]))), '1,255')
    assert.deepEqual(
      Array.from(numbers.entries(), ({ value }) => text(value)),
      ['9', '10', '1000', '70000000000'],
    )
  })

  test('what is listed may be removed on the way', async (context) => {
    const tables = await opened(context, fresh(context))
    const table = tables.open('numbers', 'number')
    await tables.transaction(() => {
      for (let key = 1; key <= 2_000; key += 1) table.put(key, bytes('x'.repeat(100)))
    })
    await tables.transaction(() => {
      for (const { key } of table.entries({ limit: 1_500 })) table.remove(key)
    })
    assert.deepEqual(keysIn(table.entries({ limit: 2 })), [1_501, 1_502])
    assert.equal(keysIn(table.entries()).length, 500)
  })

  test('values may be large and of any bytes, and a table may be emptied', async (context) => {
    const tables = await opened(context, fresh(context))
    const [full, other] = [tables.open('full', 'text'), tables.open('other', 'text')]
    const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256))
    await tables.transaction(() => {
      full.put('large', large)
      full.put('small', Buffer.of(0))
      other.put('kept', bytes('kept'))
    })
    assert.deepEqual(Buffer.from(full.get('large') ?? []), large)
    await tables.transaction(() => full.clear())
    assert.deepEqual(keysIn(full.entries()), [])
    assert.equal(text(other.get('kept')), 'kept')
  })
}

function describeOpening(fresh: FreshDisk): void {
  test('what a transaction wrote is there at once, and when it is opened again', async (context) => {
    const disk = fresh(context)
    const { tables, digestKey } = await disk.open()
    const table = tables.open('letters', 'text')
    const answer = await tables.transaction(() => {
      table.put('a', bytes('1'))
      return 'done'
    })
    assert.equal(answer, 'done')
    assert.equal(text(table.get('a')), '1')
    await tables.close()
    const again = await disk.open()
    context.after(() => again.tables.close())
    const letters = again.tables.open('letters', 'text')
    assert.equal(text(letters.get('a')), '1')
    assert.equal(letters.get('b'), undefined)
    assert.deepEqual(again.digestKey, digestKey)
    assert.equal(digestKey.byteLength, 32)
  })

  test('two that opened it see what the other wrote', async (context) => {
    const disk = fresh(context)
    const [one, other] = [await opened(context, disk), await opened(context, disk)]
    const [mine, theirs] = [one.open('letters', 'text'), other.open('letters', 'text')]
    await one.transaction(() => mine.put('a', bytes('1')))
    assert.equal(text(theirs.get('a')), '1')
    await other.transaction(() => theirs.put('a', bytes('2')))
    assert.equal(text(mine.get('a')), '2')
  })

  test('what is discarded is gone, its secret too', async (context) => {
    const disk = fresh(context)
    const secrets: Uint8Array[] = []
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual(await disk.check({ ledgerId: 'main', partition: 0 }), { kind: 'none' })
      const { tables, digestKey } = await disk.open()
      const table = tables.open('letters', 'text')
      assert.equal(table.get('a'), undefined)
      await tables.transaction(() => table.put('a', bytes('1')))
      await tables.close()
      secrets.push(digestKey)
      await disk.discard()
    }
    assert.equal(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size, 3)
  })
}

async function opened(context: TestContext, disk: StateDisk): Promise<Tables> {
  const { tables } = await disk.open()
  context.after(() => tables.close())
  return tables
}

function bytes(value: string): Buffer {
  return Buffer.from(value)
}

function text(value: Uint8Array | undefined): string | undefined {
  return value && Buffer.from(value).toString()
}

function keysIn<Key>(entries: Iterable<{ readonly key: Key }>): Key[] {
  return Array.from(entries, ({ key }) => key)
}
