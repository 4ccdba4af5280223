import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8')
const compose = read('docker-compose.yml')
const brokers = read('docker-compose.brokers.yml')
const blocksOf = (text: string) =>
  new Map(
    (text.split(/^services:$/m)[1]?.split(/^[a-z]+:$/m)[0] ?? '')
      .split(/^ {2}(?=[a-z0-9-]+:$)/m)
      .map((block) => [/^([a-z0-9-]+):$/m.exec(block)?.[1] ?? '', block] as const),
  )
const blocks = blocksOf(brokers)
const names = ['kafka', 'kafka-2', 'kafka-3']

test('with three brokers everybody knows all of them who speaks with one in docker-compose.yml', () => {
  const readers = [...blocksOf(compose)].filter(([, block]) => /<<: (?:\*log|\[.*\*log[,\]]|\*worker)/.test(block))
  assert.ok(readers.length >= 7)
  for (const [name] of readers) assert.match(blocks.get(name) ?? '', /^ {6}<<: \*log$/m, name)
  assert.match(brokers, new RegExp(`^ {2}KAFKA_BROKERS: ${names.map((name) => `${name}:9092`).join(',')}$`, 'm'))
  assert.match(brokers, /^ {2}KAFKA_REPLICATION: 3$/m)
})

test('each of three brokers has a number that all know, a disk and a certificate of its own', () => {
  const voters = /VOTERS: (\S+)$/m.exec(brokers)?.[1]?.split(',')
  assert.deepEqual(
    voters,
    names.map((name, index) => `${index + 1}@${name}:9093`),
  )
  const stores = /STORES: (\S+)$/m.exec(blocks.get('certificates') ?? '')?.[1]?.split(',')
  assert.deepEqual(stores, ['postgres', ...names])
  for (const [index, name] of names.entries()) {
    const block = blocks.get(name) ?? ''
    assert.match(block, /<<: \*broker/, name)
    if (index === 0) continue
    assert.match(block, /extends: \{ file: docker-compose.yml, service: kafka \}/)
    assert.match(block, new RegExp(`NODE_ID: ${index + 1}\n +BROKER_HOST: ${name}\n`))
    assert.match(block, new RegExp(`- ${name}-data:/var/lib/kafka/data\n`))
    assert.match(block.replace(/\s+/g, ' '), new RegExp(`read_only: true, volume: \\{ nocopy: true, subpath: ${name} `))
  }
})
